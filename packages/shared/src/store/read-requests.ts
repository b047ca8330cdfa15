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

/** So many rows are looked at for one page: as many as are kept of a zone and a day. */
const LOOKS_MAX = 50_000;

/** The rows that a page is looked for in, the newest first. */
const THERE = `from site_requests
    where site_id = $1 and at >= coalesce($2::timestamptz, '-infinity') and at < coalesce($3::timestamptz, 'infinity')
      and at <= coalesce($9::timestamptz, 'infinity') and ($9::timestamptz is null or (at, nr) < ($9::timestamptz, $10::int))
    order by at desc, nr desc`;

/**
 * $1 site, $2 from, $3 to, $4 path, $5 and $6 statuses, $7 country, $8 address, $9 and $10 those before, $11 at most, $12 rows looked at.
 * Where fewer fit, the last row says how far it was looked, unless that was everywhere: in the same statement, since readings write rows
 * over.
 */
const list: Statement = {
  name: 'read-requests-list',
  text: `with found as (
    select * from (select * ${THERE} limit $12::bigint) looked
    where ($4::text is null or strpos(lower(path), lower($4)) > 0) and ($5::int is null or status between $5 and $6::int)
      and ($7::text is null or country = $7) and ($8::inet is null or network && $8::inet)
    order by at desc, nr desc limit $11::bigint
  ), looked_to as (
    select at, nr from (select at, nr ${THERE} offset $12::bigint - 1 limit 1) last where (select count(*) from found) < $11::bigint
  ), answer as (
    select at, nr, host, method, path, status, country, network, requests, bytes, false as looked_to from found
    union all select at, nr, '', '', '', 0, '', null, 0, 0, true from looked_to
  )
  select ${iso('at')} as at, nr, host, method, path, status, country, network::text, requests, bytes::float8 as bytes, looked_to as "lookedTo"
  from answer order by looked_to, answer.at desc, nr desc`,
};

type Row = LoggedRequest & { nr: number; lookedTo: boolean };

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

/** A page of a site's requests, the newest first. */
export interface FoundRequests {
  stand: RequestStand;
  requests: (LoggedRequest & { nr: number })[];
  /** from where to look on; null: there is nothing more */
  next: RequestPosition | null;
}

/**
 * A site's requests, the newest first, and where they come from. A page may hold fewer than `limit`, or none, and yet not be the last one:
 * so that a filter that fits nothing costs no more than one that does, it ends after `looks` rows.
 */
export async function readRequests(
  db: Database,
  siteId: string,
  { from, to, path, statuses, country, address }: RequestFilter,
  { before, limit, looks = LOOKS_MAX }: { before: RequestPosition | undefined; limit: number; looks?: number },
): Promise<FoundRequests> {
  const [found] = await db.run<RequestStand & Record<string, unknown>>(stand, [siteId]);
  const filter = [from ?? null, to ?? null, path ?? null, statuses?.[0] ?? null, statuses?.[1] ?? null];
  const rows = await db.run<Row & Record<string, unknown>>(list, [
    siteId,
    ...filter,
    country ?? null,
    address ?? null,
    before?.at ?? null,
    before?.nr ?? null,
    limit + 1,
    looks,
  ]);
  const fitting = rows.filter(({ lookedTo }) => !lookedTo);
  const requests = fitting.slice(0, limit).map(({ lookedTo: _, ...request }) => request);
  const last = fitting.length > limit ? requests.at(-1) : rows.find(({ lookedTo }) => lookedTo);
  return {
    stand: found ?? { source: 'sample', destination: null, readUntil: null, skippedAt: null },
    requests,
    next: last ? { at: last.at, nr: last.nr } : null,
  };
}
