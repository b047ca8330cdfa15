import { TRAFFIC_KEPT_HOURS, type TrafficGiven, type TrafficHour } from '../domain/traffic.ts';
import type { AccountRounds } from './account-rounds.ts';
import type { Database, Statement } from './database.ts';
import { dropDays, ensureDays } from './day-partitions.ts';
import { iso } from './iso-time.ts';

const traffic = { table: 'traffic_hourly', schema: 'traffic', prefix: 'hours', daysBack: TRAFFIC_KEPT_HOURS / 24 + 1 };

/** A zone whose traffic is due to be read. */
export interface TrafficZone {
  zoneId: string;
  cfZoneId: string;
  siteId: string;
  given: TrafficGiven;
  /** since when it is to be read, ISO 8601: what was read last is read once more, since it wasn't complete */
  from: string;
}

const ensure: Statement = {
  name: 'traffic-readings-ensure',
  text: 'insert into traffic_readings (account_id) values ($1) on conflict (account_id) do nothing',
};

const untilDue: Statement = {
  name: 'traffic-readings-until-due',
  text: `select extract(epoch from greatest(due_at, coalesce(lease_until, due_at)) - now())::float8 * 1000 as ms
  from traffic_readings where account_id = $1`,
};

/** $1 account, $2 owner, $3 lease in ms */
const claim: Statement = {
  name: 'traffic-readings-claim',
  text: `update traffic_readings set owner = $2, lease_until = now() + $3::float8 * interval '1 ms'
  where account_id = $1 and due_at <= now() and (lease_until is null or lease_until <= now()) returning account_id`,
};

const renew: Statement = {
  name: 'traffic-readings-renew',
  text: `update traffic_readings set lease_until = now() + $3::float8 * interval '1 ms'
  where account_id = $1 and owner = $2 and lease_until > now() returning account_id`,
};

/** $3 milliseconds until the next one, $4 zones, $5 what went wrong */
const finish: Statement = {
  name: 'traffic-readings-finish',
  text: `update traffic_readings set lease_until = null, finished_at = now(), due_at = now() + $3::float8 * interval '1 ms', zones = $4, problem = $5
  where account_id = $1 and owner = $2`,
};

/**
 * $1 account, $2 hours that Cloudflare keeps. A site's own traffic begins with its zone: what was there before belongs to somebody else.
 * A plan that gave less is asked again after a day.
 */
const due: Statement = {
  name: 'traffic-readings-due',
  text: `select z.id as "zoneId", z.cf_zone_id as "cfZoneId", s.id as "siteId",
    case when t.gives is null or t.gives_at < now() - interval '1 day' then 'all' else t.gives end as given,
    ${iso(`date_trunc('hour', greatest(now() - $2::float8 * interval '1 hour', s.created_at, coalesce(t.read_until - interval '2 hours', s.created_at)))`)} as from
  from zones z join lateral (select s.id, s.created_at from sites s where s.zone_id = z.id and s.gone_at is null and s.wants_tunnel
      and s.zone_active_at is not null order by s.created_at limit 1) s on true
    left join zone_traffic t on t.zone_id = z.id
  where z.account_id = $1 and z.status = 'active' and (coalesce(t.gives, 'all') <> 'nothing' or t.gives_at < now() - interval '1 day')
  order by z.id`,
};

/** $1 site, $2 hours as JSON. What was read again replaces what was read before. */
const write: Statement = {
  name: 'traffic-readings-write',
  text: `insert into traffic_hourly (site_id, hour, requests, bytes, cached_requests, cached_bytes, visitors, statuses, countries)
  select $1, h.hour, h.requests, h.bytes, h."cachedRequests", h."cachedBytes", h.visitors, h.statuses, h.countries
  from jsonb_to_recordset($2::jsonb) as h (hour timestamptz, requests bigint, bytes bigint, "cachedRequests" bigint, "cachedBytes" bigint,
    visitors bigint, statuses jsonb, countries jsonb)
  on conflict (site_id, hour) do update set requests = excluded.requests, bytes = excluded.bytes, cached_requests = excluded.cached_requests,
    cached_bytes = excluded.cached_bytes, visitors = excluded.visitors, statuses = excluded.statuses, countries = excluded.countries, read_at = now()`,
};

/** $1 zone, $2 read until, $3 what it gives */
const note: Statement = {
  name: 'traffic-readings-note',
  text: `insert into zone_traffic as t (zone_id, read_until, gives) values ($1, $2, $3)
  on conflict (zone_id) do update set read_until = coalesce(excluded.read_until, t.read_until), gives = excluded.gives,
    gives_at = case when t.gives <> excluded.gives or excluded.gives <> 'all' and t.gives_at < now() - interval '1 day' then now() else t.gives_at end`,
};

/** Who reads the traffic of one account's zones: one process of all. */
export interface TrafficReadings extends AccountRounds {
  listDue(): Promise<TrafficZone[]>;
}

/** The readings of an account, whose row must be there. */
export function makeTrafficReadings(db: Database, accountId: string): TrafficReadings {
  return {
    async untilDueMs() {
      await db.run(ensure, [accountId]);
      return (await db.run<{ ms: number }>(untilDue, [accountId]))[0]?.ms ?? 0;
    },
    claim: async (owner, leaseMs) => (await db.run(claim, [accountId, owner, leaseMs])).length > 0,
    renew: async (owner, leaseMs) => (await db.run(renew, [accountId, owner, leaseMs])).length > 0,
    async finish(owner, { nextMs, zones, problem }) {
      await db.run(finish, [accountId, owner, nextMs, zones, problem]);
    },
    listDue: async () => db.run<TrafficZone & Record<string, unknown>>(due, [accountId, TRAFFIC_KEPT_HOURS - 1]),
  };
}

/** Writes down what was read of a zone, and how far: both or nothing. @param until null when nothing is given */
export async function writeTraffic(
  db: Database,
  zone: Pick<TrafficZone, 'zoneId' | 'siteId'>,
  read: { hours: readonly TrafficHour[]; until: string | null; given: TrafficGiven },
): Promise<void> {
  await db.transaction(async (client) => {
    await client.query({ ...write, values: [zone.siteId, JSON.stringify(read.hours)] });
    await client.query({ ...note, values: [zone.zoneId, read.until, read.given] });
  });
}

/** Makes the partitions for the days that Cloudflare still has, and those ahead. */
export async function ensureTrafficPartitions(db: Database): Promise<void> {
  await ensureDays(db, traffic);
}

/** Drops the days that were kept long enough. @returns the names of the partitions that went */
export async function dropOldTraffic(db: Database, retentionDays: number): Promise<string[]> {
  return dropDays(db, traffic, retentionDays);
}
