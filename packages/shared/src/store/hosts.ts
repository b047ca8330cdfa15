import { isUsableSlot, MAX_SLOT } from '../domain/slots.ts';
import type { Database, Statement } from './database.ts';

/** What a host says of itself when its worker starts. */
export interface HostRegistration {
  id: string;
  /** the customers' ports, both included (`CUSTOMER_PORT_START`, `CUSTOMER_PORT_END`) */
  customerPorts: { start: number; end: number };
  memoryBytes: number;
  cpus: number;
  labels: Record<string, string>;
  versions: Record<string, string>;
}

/** Ports for staging (seed: 3000–3099 are for development and staging, 4000 and up stay reserved). */
export const stagingPorts = { start: 3000, end: 3099 } as const;

/** A host is taken for dead this long after its last sign of life. */
const HOST_LEASE_SECONDS = 30;

const upsertHost: Statement = {
  name: 'hosts-upsert',
  text: `insert into hosts (id, memory_bytes, cpus, labels, versions, lease_until, seen_at)
  values ($1, $2, $3, $4, $5, now() + ${HOST_LEASE_SECONDS} * interval '1 s', now())
  on conflict (id) do update set memory_bytes = excluded.memory_bytes, cpus = excluded.cpus, labels = excluded.labels,
    versions = excluded.versions, lease_until = excluded.lease_until, seen_at = now()`,
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

/** In one order, so that hosts which start at once don't block each other. */
const wakeWaiting: Statement = {
  name: 'hosts-wake-waiting',
  text: `with waiting as (
    select id from site_conditions where aspect = 'placement' and gone_at is null and status <> 'true'
      and reason in ('NoAvailablePorts', 'NoHostReady', 'WishedPortTaken') order by id for update
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from waiting where c.id = waiting.id`,
};

const beat: Statement = {
  name: 'hosts-beat',
  text: `update hosts set lease_until = now() + ${HOST_LEASE_SECONDS} * interval '1 s', seen_at = now() where id = $1 returning id`,
};

/** Registers a host and its port rows; safe to repeat, also with another range: ports outside of it are retired, not lost. */
export async function registerHost(db: Database, host: HostRegistration): Promise<void> {
  const ports = [...range(stagingPorts), ...range(host.customerPorts)];
  const pools = ports.map((port) => (port <= stagingPorts.end && port >= stagingPorts.start ? 'staging' : 'customer'));
  const slots = range({ start: 0, end: MAX_SLOT }).filter(isUsableSlot);
  await db.run(upsertHost, [host.id, host.memoryBytes, host.cpus, host.labels, host.versions]);
  await db.run(seedPorts, [host.id, ports, slots, pools]);
  await db.run(wakeWaiting, []);
}

/** The host's sign of life. @returns whether the host is known */
export async function beatHost(db: Database, hostId: string): Promise<boolean> {
  return (await db.run(beat, [hostId])).length === 1;
}

function range({ start, end }: { start: number; end: number }): number[] {
  return Array.from({ length: Math.max(0, end - start + 1) }, (_, index) => start + index);
}
