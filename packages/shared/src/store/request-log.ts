import { type LoggedRequest, REQUESTS_BACK_DAYS, type RequestsGiven, UNSETTLED_MS } from '../domain/requests.ts';
import type { Database, Statement } from './database.ts';
import { dropDays, ensureDays } from './day-partitions.ts';
import { iso } from './iso-time.ts';

const requests = { table: 'site_requests', schema: 'requests', prefix: 'day' };

/** A site of a zone, with the host names that are its own. */
export interface RequestSite {
  siteId: string;
  hosts: string[];
  /** ISO 8601; what was before belongs to somebody else */
  since: string;
}

/** A zone whose requests are due to be read. */
export interface RequestZone {
  zoneId: string;
  cfZoneId: string;
  sites: RequestSite[];
  /** since when, ISO 8601 */
  from: string;
  /** rows that are kept of the day that `from` is in */
  dayRows: number;
}

/**
 * $1 account, $2 days back, $3 milliseconds that were not settled when they were read. Zones that push their whole log are left out, and
 * a plan that gave nothing is asked again after a day. Those that were read longest ago come first.
 */
const due: Statement = {
  name: 'request-log-due',
  text: `with s as (
    select s.zone_id, min(s.created_at) as since, jsonb_agg(jsonb_build_object('siteId', s.id, 'since', ${iso('s.created_at')},
      'hosts', (select coalesce(jsonb_agg(distinct h.name), '[]') from site_hostnames h where h.site_id = s.id and h.gone_at is null)) order by s.id) as sites
    from sites s where s.gone_at is null and s.wants_tunnel and s.zone_active_at is not null group by s.zone_id
  ), f as (
    select z.id, z.cf_zone_id, s.sites, r.day, r.day_rows, r.read_at, date_trunc('second', greatest(now() - $2::int * interval '1 day', s.since,
      case when r.read_until is null then s.since
        else least(r.read_until, date_trunc('minute', r.read_at - $3::float8 * interval '1 ms')) end)) as since
    from zones z join s on s.zone_id = z.id left join zone_requests r on r.zone_id = z.id left join zone_logpush l on l.zone_id = z.id
    where z.account_id = $1 and z.status = 'active' and l.state is distinct from 'on'
      and (r.gives is null or r.gives <> 'nothing' or r.gives_at < now() - interval '1 day')
  )
  select id as "zoneId", cf_zone_id as "cfZoneId", sites, ${iso('since')} as from,
    case when day = (since at time zone 'UTC')::date then day_rows else 0 end as "dayRows"
  from f order by read_at nulls first, id`,
};

/** $1 sites, $2 from, $3 until: what was read of this time before */
const forget = 'delete from site_requests where site_id = any($1::uuid[]) and at >= $2 and at < $3';

/** $1 rows as JSON */
const write = `insert into site_requests (site_id, at, nr, host, method, path, status, country, network, requests, bytes)
  select r."siteId", r.at, row_number() over (partition by r."siteId", r.at order by r.host, r.path, r.method, r.status, r.country, r.network, r.bytes),
    r.host, r.method, r.path, r.status, r.country, r.network, r.requests, r.bytes
  from jsonb_to_recordset($1::jsonb) as r ("siteId" uuid, at timestamptz, host text, method text, path text, status int, country text,
    network inet, requests int, bytes bigint)`;

/** $1 zone, $2 read until, $3 what it gives, $4 sites, $5 whether something was left out */
const note = `insert into zone_requests as r (zone_id, read_until, gives, day, day_rows, skipped_at)
  select $1, $2::timestamptz, $3, ($2::timestamptz at time zone 'UTC')::date, (select count(*) from site_requests q where q.site_id = any($4::uuid[])
    and q.at >= date_trunc('day', $2::timestamptz, 'UTC') and q.at < date_trunc('day', $2::timestamptz, 'UTC') + interval '1 day'),
    case when $5::boolean then now() end
  on conflict (zone_id) do update set read_until = coalesce(excluded.read_until, r.read_until), read_at = now(), gives = excluded.gives,
    day = coalesce(excluded.day, r.day), day_rows = case when excluded.day is null then r.day_rows else excluded.day_rows end,
    skipped_at = coalesce(excluded.skipped_at, r.skipped_at),
    gives_at = case when r.gives <> excluded.gives or excluded.gives = 'nothing' then now() else r.gives_at end`;

/**
 * $1 zone, $2 milliseconds that were not settled when they were read: `read_until` goes back before them, since `read_at` is now of a look
 * that gave nothing.
 */
const pass: Statement = {
  name: 'request-log-pass',
  text: `insert into zone_requests as r (zone_id) values ($1) on conflict (zone_id) do update set read_at = now(),
    read_until = case when r.read_until is not null then least(r.read_until, date_trunc('minute', r.read_at - $2::float8 * interval '1 ms')) end`,
};

/** What was read of a zone. */
export interface ReadRequests {
  from: string;
  /** excluded */
  until: string;
  requests: readonly (LoggedRequest & { siteId: string })[];
  /** not all of this time is in the log */
  skipped?: boolean;
}

/** The zones of an account whose requests are to be read. @param retentionDays what is older isn't read any more */
export async function listRequestZones(db: Database, accountId: string, retentionDays: number): Promise<RequestZone[]> {
  return db.run<RequestZone & Record<string, unknown>>(due, [accountId, daysBack(retentionDays), UNSETTLED_MS]);
}

/** Writes down what was read, in place of what was read of the same time before, and how far: all or nothing. */
export async function writeRequests(
  db: Database,
  zone: Pick<RequestZone, 'zoneId' | 'sites'>,
  { from, until, requests: rows, skipped = false }: ReadRequests,
): Promise<void> {
  const sites = zone.sites.map(({ siteId }) => siteId);
  await db.transaction(async (client) => {
    await client.query(forget, [sites, from, until]);
    if (rows.length > 0) await client.query(write, [JSON.stringify(rows)]);
    await client.query(note, [zone.zoneId, until, 'sampled', sites, skipped]);
  });
}

/** Notes what a zone gives without anything being written. @param until how far it counts as read, ISO 8601; null: as before */
export async function noteRequests(
  db: Database,
  zone: Pick<RequestZone, 'zoneId' | 'sites'>,
  { given, until, skipped }: { given: RequestsGiven; until: string | null; skipped: boolean },
): Promise<void> {
  const sites = zone.sites.map(({ siteId }) => siteId);
  await db.pool.query(note, [zone.zoneId, until, given, sites, skipped]);
}

/** Notes that a zone had its turn and was not in the answer: others come first next time, and it goes on where it was. */
export async function passRequests(db: Database, zoneId: string): Promise<void> {
  await db.run(pass, [zoneId, UNSETTLED_MS]);
}

/** Makes the partitions for the days that may still be read and are kept, and those ahead. */
export async function ensureRequestPartitions(db: Database, retentionDays: number): Promise<void> {
  await ensureDays(db, { ...requests, daysBack: daysBack(retentionDays) });
}

function daysBack(retentionDays: number): number {
  return Math.min(retentionDays, REQUESTS_BACK_DAYS);
}

/** Drops the days that were kept long enough. @returns the names of the partitions that went */
export async function dropOldRequests(db: Database, retentionDays: number): Promise<string[]> {
  return dropDays(db, requests, retentionDays);
}
