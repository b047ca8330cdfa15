import type { SiteRequests } from '@berth/contract/requests';
import { tableLines } from './table.ts';

const columns = [
  { heading: 'AT' },
  { heading: 'STATUS' },
  { heading: 'METHOD' },
  { heading: 'PATH', cuts: true },
  { heading: 'COUNTRY' },
  { heading: 'NETWORK' },
  { heading: 'REQUESTS' },
];

/** Requests for a person, as a table; nothing when there are none. */
export function requestLines({ data }: Pick<SiteRequests, 'data'>, width: number | undefined): string[] {
  if (data.length === 0) return [];
  const rows = data.map(({ at, status, method, path, country, network, requests }) => [
    at.replace('.000Z', 'Z'),
    String(status),
    method,
    path,
    country,
    network ?? '-',
    String(requests),
  ]);
  return tableLines(columns, rows, width);
}
