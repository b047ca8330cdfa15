import type { Database, Statement } from './database.ts';
import { IS_HOST_OUT } from './host-outages.ts';
import { OF_WANTED_PART } from './parts-sql.ts';
import { MEMORY, PLACED_MEMORY } from './placing-sql.ts';

/** How all that isn't gone stands, counted. */
export interface Fleet {
  /** by the word that the API says of a site */
  sites: { state: string; sites: number }[];
  /** conditions whose time has come, and how long the first of them has waited */
  due: { queue: string; conditions: number; oldestSeconds: number }[];
  /** bytes that each host may promise to sites, and has promised */
  memory: { host: string; promised: number; all: number }[];
  ports: { host: string; pool: string; taken: number; all: number }[];
  incidents: { kind: string; open: number }[];
  /** how long each worker's word for its host still holds, in seconds; less than 0 since it ran out. Who never reported has none */
  leases: { host: string; worker: string; seconds: number }[];
  /** calls that each account may make at once before calls have to wait */
  budgets: { account: string; callsLeft: number }[];
}

/** What decides on a site's state (the API's presenters), as far as it can be counted in the database. */
export interface StateRules {
  /** aspects that must be true for a site to be online */
  serving: readonly string[];
  /** reasons that a person must do something about */
  waiting: readonly string[];
}

/** $1 serving aspects, $2 waiting reasons: the same as `stateOf` says of one site */
const sites: Statement = {
  name: 'fleet-sites',
  text: `with standing as (
    select s.id, s.wanted, s.live_at, ${IS_HOST_OUT} as host_out,
      bool_and(c.status = 'true') filter (where c.aspect = any($1::text[]) and p.wanted is distinct from 'gone') as serves,
      bool_or(c.status <> 'true' and c.reason = any($2::text[])) as waits,
      bool_or(c.observed_at is not null) as seen
    from sites s join site_conditions c on c.site_id = s.id and ${OF_WANTED_PART} left join placements p on p.id = c.placement_id
    where s.gone_at is null group by s.id
  )
  select case when wanted = 'deleted' then 'leaving'
      when live_at is not null then case when coalesce(serves, true) and not host_out then 'online' else 'degraded' end
      when waits then 'waiting' when seen then 'working' else 'queued' end as state, count(*)::int as sites
  from standing group by 1 order by 1`,
};

const due: Statement = {
  name: 'fleet-due',
  text: `select queue, count(*)::int as conditions, extract(epoch from now() - min(due_at))::float8 as "oldestSeconds"
  from site_conditions where due_at <= now() group by queue order by queue`,
};

const ports: Statement = {
  name: 'fleet-ports',
  text: `select host_id as host, pool, count(placement_id)::int as taken, count(*)::int as all
  from port_allocations where pool <> 'retired' group by host_id, pool order by host_id, pool`,
};

const memory: Statement = {
  name: 'fleet-memory',
  text: `select h.id as host, ${PLACED_MEMORY}::float8 as promised, ${MEMORY}::float8 as all from hosts h order by h.id`,
};

const incidents: Statement = {
  name: 'fleet-incidents',
  text: 'select kind, count(*)::int as open from incidents where closed_at is null group by kind order by kind',
};

const leases: Statement = {
  name: 'fleet-leases',
  text: `select h.id as host, w.worker, extract(epoch from w.until - now())::float8 as seconds
  from hosts h, lateral (values ('container-worker', h.lease_until), ('tunnel-worker', h.connector_lease_until),
    ('health-worker', h.health_lease_until)) as w (worker, until)
  where w.until is not null order by h.id, w.worker`,
};

/** $1 burst, $2 refill per second */
const budgets: Statement = {
  name: 'fleet-budgets',
  text: `select id as account, case when blocked_until > now() then 0
    else floor(least($1::float8, coalesce(budget_tokens + $2::float8 * extract(epoch from now() - budget_at)::float8, $1::float8))) end as "callsLeft"
  from cloudflare_accounts order by id`,
};

/** Counts the sites that aren't gone by the word that the API says of each. */
export function countSites(db: Database, { serving, waiting }: StateRules): Promise<Fleet['sites']> {
  return db.run(sites, [serving, waiting]);
}

/**
 * Counts what stands now. Each statement looks at what isn't gone, so that none grows with time; a reader who asks often
 * should keep the answer for a few seconds.
 * @param rate how the calls of an account are spread (`makeCallBudget`)
 */
export async function readFleet(
  db: Database,
  rules: StateRules,
  rate: { burst: number; perSecond: number },
): Promise<Fleet> {
  return {
    sites: await countSites(db, rules),
    due: await db.run(due, []),
    ports: await db.run(ports, []),
    memory: await db.run(memory, []),
    incidents: await db.run(incidents, []),
    leases: await db.run(leases, []),
    budgets: await db.run(budgets, [rate.burst, rate.perSecond]),
  };
}
