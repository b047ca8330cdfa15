import type { Database, Statement } from './database.ts';

/** What is swept of a host: its containers and tunnels, its sites through the edge, and what is unusual about them. */
export type SweepKind = 'host' | 'edge' | 'anomalies';

/** The right to sweep a host until the lease is over, or has been given back. */
export interface SweepLease {
  leaseNo: string;
  /** how much later than due it begins, in milliseconds */
  lagMs: number;
}

/** What a sweep came to. */
export interface SweepResult {
  checked: number;
  failing: number;
  durationMs: number;
  /** why it could not be finished */
  error: string | null;
  /** the next one comes after half an interval */
  unsure?: boolean;
}

/** Nobody takes a lease for that long. */
const LONGEST_LEASE = `interval '5 minutes'`;

/** Beginnings are spread over the interval by the host's name: $3 milliseconds between two, $4 the host's own offset. */
const slotAfter = (time: string) =>
  `to_timestamp(((floor((extract(epoch from ${time})::float8 * 1000 - $4::float8) / $3::float8) + 1) * $3::float8 + $4::float8) / 1000)`;

/**
 * The host's row must be there: a sweep of a host that nobody has registered finds nothing. What lies further ahead than it can is from
 * before the database's clock was set back.
 */
const ensure: Statement = {
  name: 'health-sweeps-ensure',
  text: `insert into health_sweeps as w (host_id, kind, interval_ms, due_at) select h.id, $2, $3::int, ${slotAfter('now()')} from hosts h where h.id = $1
  on conflict (host_id, kind) do update set interval_ms = excluded.interval_ms, due_at = least(w.due_at, excluded.due_at),
      lease_until = case when w.lease_until < now() + ${LONGEST_LEASE} then w.lease_until end
    where w.interval_ms <> excluded.interval_ms or w.due_at > now() + 2 * $3::int * interval '1 ms' or w.lease_until > now() + ${LONGEST_LEASE}`,
};

const untilDue: Statement = {
  name: 'health-sweeps-until-due',
  text: `select extract(epoch from greatest(due_at, coalesce(lease_until, due_at)) - now())::float8 * 1000 as ms
  from health_sweeps where host_id = $1 and kind = $2`,
};

/** A sweep is late when more than a tenth of the interval was lost. $5 owner, $6 lease in ms, $7 how early it may begin, in ms */
const claim: Statement = {
  name: 'health-sweeps-claim',
  text: `update health_sweeps w set owner = $5, lease_until = now() + $6::float8 * interval '1 ms', lease_no = w.lease_no + 1,
    started_at = now(), lag_ms = greatest(0, extract(epoch from now() - w.due_at) * 1000)::int, interval_ms = $3::int, due_at = ${slotAfter('greatest(now(), w.due_at)')},
    sweeps = w.sweeps + 1,
    late_sweeps = w.late_sweeps + (extract(epoch from now() - w.due_at) * 1000 > $3::float8 / 10)::int
  where w.host_id = $1 and w.kind = $2 and w.due_at <= now() + $7::float8 * interval '1 ms'
    and (w.lease_until is null or w.lease_until <= now())
  returning w.lease_no as "leaseNo", w.lag_ms as "lagMs"`,
};

/** $1 host, $2 kind */
const hasten: Statement = {
  name: 'health-sweeps-hasten',
  text: 'update health_sweeps set due_at = least(due_at, now()) where host_id = $1 and kind = $2',
};

/** $1 host, $2 kind, $3 fencing number, $4 lease in ms */
const renew: Statement = {
  name: 'health-sweeps-renew',
  text: `update health_sweeps set lease_until = now() + $4::float8 * interval '1 ms' where host_id = $1 and kind = $2 and lease_no = $3
  returning lease_no`,
};

/** $1 host, $2 kind, $3 fencing number, $4 checked, $5 failing, $6 duration in ms, $7 error, $8 whether the next one comes sooner */
const finish: Statement = {
  name: 'health-sweeps-finish',
  text: `update health_sweeps set lease_until = null, finished_at = now(), checked = $4, failing = $5, duration_ms = $6, error = $7,
    due_at = case when $8 then least(due_at, greatest(now(), started_at + interval_ms / 2 * interval '1 ms')) else due_at end
  where host_id = $1 and kind = $2 and lease_no = $3`,
};

/** The sweeps of one kind of one host, shared by all processes that serve it. */
export interface Sweeps {
  /** Makes the row. @returns milliseconds until the next sweep is due; undefined while nobody has registered the host */
  untilDueMs(): Promise<number | undefined>;
  /** @returns undefined when it isn't due, or another process is at it */
  claim(owner: string, leaseMs: number): Promise<SweepLease | undefined>;
  /** Makes the next one due now. */
  hasten(): Promise<void>;
  /** @returns whether the lease is still ours */
  renew(lease: SweepLease, leaseMs: number): Promise<boolean>;
  finish(lease: SweepLease, result: SweepResult): Promise<void>;
}

/** $1 host, $2 kind */
const last: Statement = {
  name: 'health-sweeps-last',
  text: `select extract(epoch from now() - due_at)::float8 as "lateSeconds", error from health_sweeps where host_id = $1 and kind = $2`,
};

/** How the last sweep ended, and by how many seconds the next one is late (less than 0: not due yet); undefined before there was one. */
export async function findLastSweep(
  db: Database,
  hostId: string,
  kind: SweepKind,
): Promise<{ lateSeconds: number; error: string | null } | undefined> {
  return (await db.run<{ lateSeconds: number; error: string | null }>(last, [hostId, kind]))[0];
}

/** A hint may come a little before its time: clocks of two machines differ. */
const EARLY_MS = 500;

export function makeSweeps(
  db: Database,
  { hostId, kind, intervalMs }: { hostId: string; kind: SweepKind; intervalMs: number },
): Sweeps {
  const grid = [hostId, kind, intervalMs, offsetOf(hostId, intervalMs)];
  return {
    async untilDueMs() {
      await db.run(ensure, grid);
      return (await db.run<{ ms: number }>(untilDue, [hostId, kind]))[0]?.ms;
    },
    claim: async (owner, leaseMs) => {
      const early = Math.min(EARLY_MS, intervalMs / 10);
      return (await db.run<{ leaseNo: string; lagMs: number }>(claim, [...grid, owner, leaseMs, early]))[0];
    },
    async hasten() {
      await db.run(hasten, [hostId, kind]);
    },
    renew: async ({ leaseNo }, leaseMs) => (await db.run(renew, [hostId, kind, leaseNo, leaseMs])).length > 0,
    async finish({ leaseNo }, { checked, failing, durationMs, error, unsure = false }) {
      await db.run(finish, [hostId, kind, leaseNo, checked, failing, Math.round(durationMs), error, unsure]);
    },
  };
}

/** FNV-1a of the name, within the interval: hosts begin at different moments. */
export function offsetOf(name: string, intervalMs: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % intervalMs;
}
