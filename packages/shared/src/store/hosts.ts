import type { Hint } from '../contracts/jobs.ts';
import { isUsableSlot, MAX_SLOT } from '../domain/slots.ts';
import type { Database, Statement } from './database.ts';
import { HOST_LEASE_SECONDS } from './placing-sql.ts';
import { callWaiting } from './waiting-sites.ts';

/** What a host says of itself when its container-worker starts. */
export interface HostRegistration {
  id: string;
  /** the customers' ports, both included (`CUSTOMER_PORT_START`, `CUSTOMER_PORT_END`) */
  customerPorts: { start: number; end: number };
  memoryBytes: number;
  /** how many times its memory may be promised to sites; 1 when absent */
  memoryOvercommit?: number;
  cpus: number;
  labels: Record<string, string>;
  versions: Record<string, string>;
  /** why it must get no further sites, as a reason and a sentence; absent when it may */
  problem?: string | undefined;
}

/** The two halves of a host, each kept alive by workers of its own: the container-workers, and the tunnel-workers' host room. */
export type HostHalf = 'containers' | 'connectors';

/** What is kept alive on a host: its halves, and the look after both by the health-workers, without which it takes sites all the same. */
export type HostLease = HostHalf | 'health';

/** Ports for staging (seed: 3000–3099 are for development and staging, 4000 and up stay reserved). */
export const stagingPorts = { start: 3000, end: 3099 } as const;

const LEASE_END = `now() + ${HOST_LEASE_SECONDS} * interval '1 s'`;

/** $7 also the connectors are there, $8 what is in the way of further sites */
const upsertHost: Statement = {
  name: 'hosts-upsert',
  text: `insert into hosts as h (id, memory_bytes, memory_overcommit, cpus, labels, versions, lease_until, connector_lease_until, seen_at, problem)
  values ($1, $2, $3, $4, $5, $6, ${LEASE_END}, case when $7 then ${LEASE_END} end, now(), $8)
  on conflict (id) do update set memory_bytes = excluded.memory_bytes, memory_overcommit = excluded.memory_overcommit,
    cpus = excluded.cpus, labels = excluded.labels, versions = h.versions || excluded.versions, lease_until = excluded.lease_until,
    connector_lease_until = coalesce(excluded.connector_lease_until, h.connector_lease_until), seen_at = now(), problem = excluded.problem`,
};

/** The row may not be there yet: then it's a host without memory or ports until its container-worker comes. */
const upsertConnectors: Statement = {
  name: 'hosts-upsert-connectors',
  text: `insert into hosts as h (id, versions, connector_lease_until, seen_at) values ($1, $2, ${LEASE_END}, now())
  on conflict (id) do update set versions = h.versions || excluded.versions,
    connector_lease_until = excluded.connector_lease_until, seen_at = now()`,
};

/** As the connectors' half: whoever comes first makes the row. */
const upsertHealth: Statement = {
  name: 'hosts-upsert-health',
  text: `insert into hosts (id, health_lease_until, seen_at) values ($1, ${LEASE_END}, now())
  on conflict (id) do update set health_lease_until = excluded.health_lease_until, seen_at = now()`,
};

/** $1 host, $2 ports, $3 slots in their order, $4 pools: adds the port rows that are missing and says which ones count. */
const seedPorts: Statement = {
  name: 'hosts-seed-ports',
  text: `with wanted as (select * from unnest($2::int[], $4::text[]) as w (port, pool)),
  kept as (
    update port_allocations a set pool = coalesce(w.pool, 'retired')
    from port_allocations b left join wanted w on w.port = b.port
    where a.host_id = $1 and b.host_id = a.host_id and b.port = a.port and a.pool is distinct from coalesce(w.pool, 'retired')
  ),
  missing as (
    select w.port, w.pool, row_number() over (order by w.port) as place from wanted w
    where not exists (select from port_allocations a where a.host_id = $1 and a.port = w.port)
  ),
  free as (
    select slot, row_number() over (order by slot) as place from unnest($3::int[]) as f (slot)
    where not exists (select from port_allocations a where a.host_id = $1 and a.slot = f.slot)
  )
  insert into port_allocations (host_id, port, slot, pool)
  select $1, missing.port, free.slot, missing.pool from missing join free on free.place = missing.place
  on conflict do nothing`,
};

/**
 * A lease that has run out isn't renewed: who was taken for dead comes back by registering, which calls the sites that wait. $2 problem: so
 * does the containers' half when that has changed.
 */
const beats: Readonly<Record<HostLease, Statement>> = {
  containers: {
    name: 'hosts-beat-containers',
    text: `update hosts set lease_until = ${LEASE_END}, seen_at = now() where id = $1 and lease_until > now() and problem is not distinct from $2 returning id`,
  },
  connectors: {
    name: 'hosts-beat-connectors',
    text: `update hosts set connector_lease_until = ${LEASE_END}, seen_at = now()
    where id = $1 and connector_lease_until > now() and $2::text is null returning id`,
  },
  health: {
    name: 'hosts-beat-health',
    text: `update hosts set health_lease_until = ${LEASE_END}, seen_at = now()
    where id = $1 and health_lease_until > now() and $2::text is null returning id`,
  },
};

const readProblems: Statement = {
  name: 'hosts-problems',
  text: `select string_agg(id || ': ' || problem, '; ' order by id) as problems from hosts
  where problem is not null and state = 'ready' and lease_until > now()`,
};

/**
 * Registers a host and its port rows; safe to repeat, also with another range: ports outside of it are retired, not lost.
 * @param halves `containers` alone where the connectors are looked after by another process
 * @returns whom to hint: sites that waited for a host
 */
export async function registerHost(
  db: Database,
  host: HostRegistration,
  halves: readonly HostHalf[] = ['containers', 'connectors'],
): Promise<Hint[]> {
  const ports = [...range(stagingPorts), ...range(host.customerPorts)];
  const pools = ports.map((port) => (port <= stagingPorts.end && port >= stagingPorts.start ? 'staging' : 'customer'));
  const slots = range({ start: 0, end: MAX_SLOT }).filter(isUsableSlot);
  const { id, memoryBytes, memoryOvercommit = 1, cpus, labels, versions, problem = null } = host;
  const connectors = halves.includes('connectors');
  await db.run(upsertHost, [id, memoryBytes, memoryOvercommit, cpus, labels, versions, connectors, problem]);
  await db.run(seedPorts, [id, ports, slots, pools]);
  return callWaiting(db);
}

/** Says that a host's connectors are looked after, and by which programs. @returns whom to hint: sites that waited for a host */
export async function registerConnectors(
  db: Database,
  host: { id: string; versions: Record<string, string> },
): Promise<Hint[]> {
  await db.run(upsertConnectors, [host.id, host.versions]);
  return callWaiting(db);
}

/** Says that a host's sites are looked after. No site waits for that, so there is nobody to hint. */
export async function registerHealth(db: Database, hostId: string): Promise<void> {
  await db.run(upsertHealth, [hostId]);
}

/**
 * The sign of life of one half of a host, or of who looks after both.
 * @param problem as for `registerHost`; the containers' half knows of it
 * @returns false when it must register: nobody knows it, it was silent for too long, or its problem is another one now
 */
export async function beatHost(db: Database, hostId: string, half: HostLease, problem?: string): Promise<boolean> {
  return (await db.run(beats[half], [hostId, problem ?? null])).length === 1;
}

/** What is in the way of hosts that would get sites otherwise, each with its name; undefined when nothing is. */
export async function findHostProblems(db: Database): Promise<string | undefined> {
  const [row] = await db.run<{ problems: string | null }>(readProblems, []);
  return row?.problems ?? undefined;
}

function range({ start, end }: { start: number; end: number }): number[] {
  return Array.from({ length: Math.max(0, end - start + 1) }, (_, index) => start + index);
}
