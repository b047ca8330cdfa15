import type { Database, Statement } from './database.ts';
import type { StateRules } from './fleet.ts';
import { iso } from './iso-time.ts';
import { CALLED_SITE } from './parts-sql.ts';

/** A site that needs a person or is down, by the aspect that has been so for longest. */
export interface NeedsAttention {
  site: string;
  domain: string;
  aspect: string;
  reason: string;
  message: string;
  since: string;
}

/** An incident that is open. */
export interface OpenIncident {
  kind: string;
  host: string | null;
  site: string | null;
  reason: string;
  message: string;
  since: string;
}

/** Seconds that sites took to go live. */
export interface Percentiles {
  sites: number;
  p50Seconds: number | null;
  p95Seconds: number | null;
}

/** How fast sites answered, in milliseconds. */
export interface Latency {
  sites: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
}

const AT_MOST = 50;

/** $1 serving aspects, $2 waiting reasons */
const attention: Statement = {
  name: 'overview-attention',
  text: `select site, domain, aspect, reason, message, ${iso('changed_at')} as since from (
    select distinct on (s.id) s.key as site, ${CALLED_SITE} as domain, c.aspect, c.reason, c.message, c.changed_at
    from sites s join site_conditions c on c.site_id = s.id left join placements p on p.id = c.placement_id
    where s.gone_at is null and c.gone_at is null and c.status <> 'true' and p.wanted is distinct from 'gone'
      and (c.reason = any($2::text[]) or (s.live_at is not null and s.wanted = 'running' and c.aspect = any($1::text[])))
    order by s.id, c.changed_at
  ) of_each order by changed_at, site limit ${AT_MOST}`,
};

const incidents: Statement = {
  name: 'overview-incidents',
  text: `select i.kind, i.host_id as host, s.key as site, i.reason, i.message, ${iso('i.opened_at')} as since
  from incidents i left join sites s on s.id = i.site_id where i.closed_at is null order by i.opened_at limit ${AT_MOST}`,
};

const percentiles = (from: string) => `json_build_object('sites', count(live_at - ${from})::int,
  'p50Seconds', percentile_cont(0.5) within group (order by extract(epoch from live_at - ${from})),
  'p95Seconds', percentile_cont(0.95) within group (order by extract(epoch from live_at - ${from})))`;

/** $1 days */
const toLive: Statement = {
  name: 'overview-to-live',
  text: `select ${iso('now()')} as at, ${percentiles('created_at')} as "fromOrder", ${percentiles('zone_active_at')} as "fromActive"
  from sites where live_at > now() - $1::int * interval '1 day'`,
};

const latencyOf = (aspect: string) => {
  const of = `filter (where aspect = '${aspect}')`;
  const percentile = (share: number) =>
    `round((percentile_cont(${share}) within group (order by latency_ms) ${of})::numeric, 1)`;
  return `json_build_object('sites', (count(*) ${of})::int, 'p50Ms', ${percentile(0.5)}, 'p95Ms', ${percentile(0.95)}, 'p99Ms', ${percentile(0.99)})`;
};

/** By the last look at each site, and not by one that is older than three of them should be apart. */
const latency: Statement = {
  name: 'overview-latency',
  text: `select ${latencyOf('container')} as container, ${latencyOf('edge')} as edge
  from site_health where outcome = 'healthy' and latency_ms is not null and checked_at > now() - 3 * interval_ms * interval '1 ms'`,
};

/** What somebody who looks at all sites at once wants to see first. @param days how far back `toLive` looks */
export async function readOverview(db: Database, { serving, waiting }: StateRules, days: number) {
  const [lived] = await db.run<{ at: string; fromOrder: Percentiles; fromActive: Percentiles }>(toLive, [days]);
  if (!lived) throw new Error('an aggregate answered without a row');
  const [answered] = await db.run<{ container: Latency; edge: Latency }>(latency, []);
  if (!answered) throw new Error('an aggregate answered without a row');
  const { at, fromOrder, fromActive } = lived;
  return {
    at,
    attention: await db.run<NeedsAttention & Record<string, unknown>>(attention, [serving, waiting]),
    incidents: await db.run<OpenIncident & Record<string, unknown>>(incidents, []),
    latency: answered,
    toLive: { days, fromOrder, fromActive },
  };
}
