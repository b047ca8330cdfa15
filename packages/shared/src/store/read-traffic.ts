import type { TrafficGiven } from '../domain/traffic.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** Hours or days of a site's traffic; null is what isn't given. */
export interface ReadTrafficBucket {
  at: string;
  requests: number;
  bytes: number;
  cachedRequests: number | null;
  cachedBytes: number | null;
  visitors: number | null;
  statuses: Record<string, number> | null;
  /** false while it lasts, and until it was read after its end */
  complete: boolean;
  /** of it, hours that were read */
  hours: number;
}

const NUMBERS = (
  column: string,
) => `(select coalesce(jsonb_object_agg(k, n), '{}') from (select e.key as k, sum(e.value::bigint) as n
    from traffic_hourly x, jsonb_each_text(x.${column}) e where x.site_id = $1 and x.hour >= b.at and x.hour < b.at + $4::interval
      and x.hour >= $2 and x.hour < $3 group by e.key) s)`;

/** $1 site, $2 from, $3 to, $4 how long a bucket is ('1 hour', '1 day'), $5 its name for date_trunc */
const buckets: Statement = {
  name: 'read-traffic-buckets',
  text: `with b as (
    select date_trunc($5, t.hour, 'UTC') as at, sum(t.requests)::float8 as requests, sum(t.bytes)::float8 as bytes,
      sum(t.cached_requests)::float8 as "cachedRequests", sum(t.cached_bytes)::float8 as "cachedBytes", sum(t.visitors)::float8 as visitors,
      bool_or(t.statuses is not null) as has, bool_and(t.read_at >= t.hour + interval '1 hour') as whole, count(*)::int as hours
    from traffic_hourly t where t.site_id = $1 and t.hour >= $2 and t.hour < $3 group by 1
  )
  select ${iso('b.at')} as at, b.requests, b.bytes, b."cachedRequests", b."cachedBytes", b.visitors, b.hours,
    case when b.has then ${NUMBERS('statuses')} end as statuses, b.whole and b.at + $4::interval <= now() as complete
  from b order by b.at`,
};

/** $1 site, $2 from, $3 to, $4 how many. The country's name decides among those with as many requests. */
const countries: Statement = {
  name: 'read-traffic-countries',
  text: `select e.key as country, sum(e.value::bigint)::float8 as requests from traffic_hourly t, jsonb_each_text(t.countries) e
  where t.site_id = $1 and t.hour >= $2 and t.hour < $3 group by e.key order by 2 desc, 1 limit $4`,
};

const given: Statement = {
  name: 'read-traffic-given',
  text: `select t.gives as given, ${iso('t.read_until')} as "readUntil" from sites s join zone_traffic t on t.zone_id = s.zone_id where s.id = $1`,
};

const COUNTRIES_MAX = 50;

/** A site's traffic from `from` up to and without `to`. */
export async function readTraffic(
  db: Database,
  siteId: string,
  { from, to, bucket }: { from: Date; to: Date; bucket: 'hour' | 'day' },
): Promise<{
  given: TrafficGiven | null;
  readUntil: string | null;
  buckets: ReadTrafficBucket[];
  countries: { country: string; requests: number }[];
}> {
  const span = [siteId, from, to];
  const [plan] = await db.run<{ given: TrafficGiven; readUntil: string | null }>(given, [siteId]);
  return {
    given: plan?.given ?? null,
    readUntil: plan?.readUntil ?? null,
    buckets: await db.run<ReadTrafficBucket & Record<string, unknown>>(buckets, [...span, `1 ${bucket}`, bucket]),
    countries: await db.run<{ country: string; requests: number }>(countries, [...span, COUNTRIES_MAX]),
  };
}
