import type { RequestQuery, SiteRequests } from '@berth/contract/requests';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { type RequestPosition, readRequests } from '@berth/shared/store/read-requests';

type Read = Omit<SiteRequests, 'nextCursor'> & { next: RequestPosition | null };

/** Reads a page of a site's requests, the newest first. @throws BerthError `request.invalid` for a time that ends before it begins */
export async function readSiteRequests(
  db: Database,
  siteId: string,
  { status, limit, cursor: _, ...filter }: RequestQuery,
  before: RequestPosition | undefined,
): Promise<Read> {
  if (filter.from !== undefined && filter.to !== undefined && Date.parse(filter.from) >= Date.parse(filter.to)) {
    throw new BerthError('request.invalid', '1 field is not valid', {
      fields: [{ pointer: '#query/from', detail: 'must be before `to`' }],
    });
  }
  const wish = { ...filter, statuses: status === undefined ? undefined : statusesOf(status) };
  const { stand, requests, next } = await readRequests(db, siteId, wish, { before, limit });
  const data = requests.map(({ nr, ...request }) => ({ id: `${request.at}.${nr}`, ...request }));
  return { ...stand, data, next };
}

/** A status such as 404, or all of a class such as 4xx. */
function statusesOf(status: string): readonly [number, number] {
  return [Number(status.replace('xx', '00')), Number(status.replace('xx', '99'))];
}
