import { noticedReasons } from '../domain/waiting-reasons.ts';
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
const NOTICED = noticedReasons.map((one) => `'${one}'`).join();

/** $1 serving aspects, $2 waiting reasons, $3 those of them that are the customer's before the site has been live */
const NEEDY = `select distinct on (s.id) s.key as site, ${CALLED_SITE} as domain, c.aspect, c.reason, c.message, c.changed_at, s.created_at,
      s.live_at is null and c.reason = any($3::text[]) as customers
    from sites s join site_conditions c on c.site_id = s.id left join placements p on p.id = c.placement_id
    where s.gone_at is null and c.gone_at is null and p.wanted is distinct from 'gone' and (c.reason in (${NOTICED})
      or (c.status <> 'true' and (c.reason = any($2::text[]) or (s.live_at is not null and s.wanted = 'running' and c.aspect = any($1::text[])))))
    order by s.id, customers, c.changed_at, c.id`;

/** $4 days in which customers may take their time. By the order's age: what a condition says can change in between. */
const IN_TIME = `customers and created_at > now() - $4::int * interval '1 day'`;

const attention: Statement = {
  name: 'overview-attention',
  text: `select site, domain, aspect, reason, message, ${iso('changed_at')} as since from (${NEEDY}) of_each
  where not (${IN_TIME}) order by customers, changed_at, site limit ${AT_MOST}`,
};

const customersTurn: Statement = {
  name: 'overview-customers-turn',
  text: `select count(*)::int as sites from (${NEEDY}) of_each where ${IN_TIME}`,
};

const incidents: Statement = {
  name: 'overview-incidents',
  text: `select i.kind, i.host_id as host, s.key as site, i.reason, i.message, ${iso('i.opened_at')} as since
  from incidents i left join sites s on s.id = i.site_id where i.closed_at is null order by i.opened_at, i.id limit ${AT_MOST}`,
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

/** Which conditions need a person, and when. */
export interface AttentionRules extends StateRules {
  /** reasons that wait for the customer, as long as the site has not been live */
  customers: readonly string[];
  /** days from the order in which nobody else has to do anything about those */
  customersDays: number;
}

/** What somebody who looks at all sites at once wants to see first. @param days how far back `toLive` looks */
export async function readOverview(db: Database, rules: AttentionRules, days: number) {
  const needy = [rules.serving, rules.waiting, rules.customers, rules.customersDays];
  const [lived] = await db.run<{ at: string; fromOrder: Percentiles; fromActive: Percentiles }>(toLive, [days]);
  if (!lived) throw new Error('an aggregate answered without a row');
  const [answered] = await db.run<{ container: Latency; edge: Latency }>(latency, []);
  if (!answered) throw new Error('an aggregate answered without a row');
  const [turn] = await db.run<{ sites: number }>(customersTurn, needy);
  if (!turn) throw new Error('an aggregate answered without a row');
  const { at, fromOrder, fromActive } = lived;
  return {
    at,
    attention: await db.run<NeedsAttention & Record<string, unknown>>(attention, needy),
    customersTurn: { days: rules.customersDays, sites: turn.sites },
    incidents: await db.run<OpenIncident & Record<string, unknown>>(incidents, []),
    latency: answered,
    toLive: { days, fromOrder, fromActive },
  };
}
