import type { SiteRequests } from '@berth/contract/requests';
import { requestLines } from '../show/request-lines.ts';
import { askOf, type CommonOptions, type Shell } from './shell.ts';

const FILTERS = ['path', 'status', 'country', 'address', 'from', 'to', 'limit'] as const;

type Options = CommonOptions & Partial<Record<(typeof FILTERS)[number], string>>;

/** Lists what visitors of a site asked for. */
export async function listRequests(shell: Shell, key: string, { json, ...options }: Options): Promise<void> {
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const found = await search(shell, key, query);
  if (json) {
    shell.out.line(JSON.stringify(found, null, 2));
    return;
  }
  for (const line of requestLines(found, shell.out.width)) shell.out.line(line);
  if (found.data.length === 0) shell.err.line(emptyLine(found));
}

/** Asks until there are as many as are wanted: a page ends where enough was looked at, whether or not it found something. */
async function search(shell: Shell, key: string, query: URLSearchParams): Promise<SiteRequests> {
  const wanted = Number(query.get('limit'));
  const ask = () => {
    const path = `/v1/sites/${encodeURIComponent(key)}/requests?${query}`;
    return askOf(shell)<SiteRequests>({ doing: `listing requests of ${key}`, path });
  };
  let found = await ask();
  while (found.nextCursor !== null && found.data.length < wanted) {
    query.set('cursor', found.nextCursor);
    query.set('limit', String(wanted - found.data.length));
    const { data, ...rest } = await ask();
    found = { ...rest, data: [...found.data, ...data] };
  }
  return found;
}

function emptyLine({ source, destination, readUntil }: SiteRequests): string {
  if (source === 'logpush')
    return `Cloudflare pushes the whole log to ${destination ?? 'its destination'}; nothing new is read`;
  if (source === 'nothing') return "the plan of the domain's zone gives no requests; it is asked again after a day";
  return readUntil === null ? 'nothing was read yet' : `no request fits; read up to ${readUntil}`;
}
