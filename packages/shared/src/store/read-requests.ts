import type { LoggedRequest } from '../domain/requests.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** A place in a site's requests. */
export interface RequestPosition {
  /** ISO 8601 */
  at: string;
  nr: number;
}

/** What a reader wants of a site's requests; what is absent is any. */
export interface RequestFilter {
  from?: string | undefined;
  to?: string | undefined;
  path?: string | undefined;
  /** from the first status to the last one */
  statuses?: readonly [number, number] | undefined;
  country?: string | undefined;
  /** an address or a network */
  address?: string | undefined;
}

/** $1 site, $2 from, $3 to, $4 path, $5 and $6 statuses, $7 country, $8 address, $9 and $10 those before, $11 at most */
const list: Statement = {
  name: 'read-requests-list',
  text: `select ${iso('at')} as at, nr, host, method, path, status, country, network::text, requests, bytes::float8 as bytes from site_requests
  where site_id = $1 and at >= coalesce($2::timestamptz, '-infinity') and at < coalesce($3::timestamptz, 'infinity')
    and ($4::text is null or strpos(lower(path), lower($4)) > 0) and ($5::int is null or status between $5 and $6::int)
    and ($7::text is null or country = $7) and ($8::inet is null or network && $8::inet)
    and ($9::timestamptz is null or (at, nr) < ($9::timestamptz, $10::int))
  order by at desc, nr desc limit $11`,
};

const stand: Statement = {
  name: 'read-requests-stand',
  text: `select case when l.state = 'on' then 'logpush' when r.gives = 'nothing' then 'nothing' else 'sample' end as source,
    case when l.state = 'on' then l.destination end as destination, ${iso('r.read_until')} as "readUntil", ${iso('r.skipped_at')} as "skippedAt"
  from sites s left join zone_requests r on r.zone_id = s.zone_id left join zone_logpush l on l.zone_id = s.zone_id where s.id = $1`,
};

/** Where a site's requests come from, and how far they are known. */
export interface RequestStand {
  source: 'sample' | 'logpush' | 'nothing';
  destination: string | null;
  readUntil: string | null;
  skippedAt: string | null;
}

/** A site's requests, the newest first, and where they come from. */
export async function readRequests(
  db: Database,
  siteId: string,
  { from, to, path, statuses, country, address }: RequestFilter,
  { before, limit }: { before: RequestPosition | undefined; limit: number },
): Promise<{ stand: RequestStand; requests: (LoggedRequest & { nr: number })[] }> {
  const [found] = await db.run<RequestStand & Record<string, unknown>>(stand, [siteId]);
  const filter = [from ?? null, to ?? null, path ?? null, statuses?.[0] ?? null, statuses?.[1] ?? null];
  return {
    stand: found ?? { source: 'sample', destination: null, readUntil: null, skippedAt: null },
    requests: await db.run<LoggedRequest & { nr: number } & Record<string, unknown>>(list, [
      siteId,
      ...filter,
      country ?? null,
      address ?? null,
      before?.at ?? null,
      before?.nr ?? null,
      limit,
    ]),
  };
}
