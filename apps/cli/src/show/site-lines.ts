import type { SiteDetail } from '@berth/contract/site';
import { plain, type Terminal } from '../terminal.ts';
import { tableLines } from './table.ts';

const COLORS = { online: 'green', degraded: 'yellow', waiting: 'yellow', gone: 'dim', leaving: 'dim' } as const;

/** A site for a person: what it is, and how each of its conditions stands. */
export function siteLines(site: SiteDetail, terminal: Terminal): string[] {
  const { key, state, domainUnicode, url, parts, placement, container, tunnel, release, nameServers, liveAt } = site;
  const color = state in COLORS ? COLORS[state as keyof typeof COLORS] : 'bold';
  const facts: [string, string | null | undefined][] = [
    ['domain', domainUnicode && (url?.endsWith(domainUnicode) ? domainUnicode : `${domainUnicode} (${site.domain})`)],
    ['url', url],
    ['parts', parts.join(', ')],
    ['host', placement && `${placement.host}, port ${placement.port}`],
    ['container', container && `${container.name} · ${container.dockerStatus} · ${container.health ?? 'not probed'}`],
    ['image', release && `${release.image} · release ${release.number} · ${release.outcome}`],
    ['tunnel', tunnel && `${tunnel.name} · ${tunnel.status ?? '-'} · ${tunnel.id}`],
    ['names', nameServers.length > 0 && state !== 'online' ? nameServers.join(', ') : null],
    ['live', liveAt ? `since ${liveAt.slice(0, 16).replace('T', ' ')} UTC` : 'not yet'],
  ];
  return [
    `${terminal.bold(plain(key))}  ${terminal[color](state)}`,
    ...facts.flatMap(([name, value]) => (value ? [`  ${terminal.dim(name.padEnd(10))} ${plain(value)}`] : [])),
    '',
    ...conditionLines(site, terminal),
  ];
}

function conditionLines({ conditions }: SiteDetail, terminal: Terminal): string[] {
  const columns = [
    { heading: 'CONDITION' },
    { heading: 'STATUS' },
    { heading: 'REASON' },
    { heading: 'MESSAGE', cuts: true },
  ];
  const rows = conditions.map(({ aspect, status, reason, message }) => [aspect, status, reason, message]);
  const [head = '', ...lines] = tableLines(columns, rows, terminal.width);
  return [terminal.dim(head), ...lines];
}
