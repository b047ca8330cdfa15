import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Database } from '@berth/shared/store/database';
import { execa } from 'execa';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));
const LOOK_MS = 20;
const WAIT_MS = 120_000;

/** Has the host swept by whoever serves it. @returns how long the sweep took, in ms, and how many looks failed */
export async function sweepOnce(db: Database, hostId: string): Promise<{ ms: number; failing: number }> {
  const read = async () =>
    (
      await db.pool.query<{
        sweeps: string;
        done: boolean;
        duration_ms: number;
        failing: number;
        error: string | null;
      }>(
        `select sweeps, lease_until is null as done, duration_ms, failing, error from health_sweeps where host_id = $1 and kind = 'host'`,
        [hostId],
      )
    ).rows[0];
  const deadline = performance.now() + WAIT_MS;
  let before = await read();
  for (; !before; before = await read()) await lookAgain(deadline, 'no sweep is due');
  await db.pool.query(`update health_sweeps set due_at = now() where host_id = $1 and kind = 'host'`, [hostId]);
  for (;;) {
    const now = await read();
    if (now && now.sweeps !== before.sweeps && now.done) {
      if (now.error !== null) throw new Error(`the sweep failed: ${now.error}`);
      return { ms: now.duration_ms, failing: now.failing };
    }
    await lookAgain(deadline, 'no sweep came');
  }
}

async function lookAgain(deadlineMs: number, why: string): Promise<void> {
  if (performance.now() > deadlineMs) throw new Error(why);
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/**
 * None of it belongs to a sweep: what this benchmark itself asks, the worker's looks whether a sweep is due and whether its host is well,
 * and what it says every ten seconds for as long as it lives, or sweeps.
 */
const OTHERS = `query ilike '%as done%' or query ilike 'update health_sweeps set due_at%' or query ilike 'insert into health_sweeps%'
  or query ilike '%greatest(due_at%' or query ilike '%pg_stat_statements%' or query ilike '%health_lease_until%'
  or query ilike 'update health_sweeps set lease_until = now()%' or query ilike '%service_checks%' or query ilike '%clock_timestamp()%'
  or query ilike '%"lateSeconds"%'`;

/** Statements of one sweep, as Postgres counted them. */
export async function statementsOfSweep(db: Database, hostId: string): Promise<number> {
  const count = async () => {
    const text = `select sum(calls)::int as n from pg_stat_statements where not (${OTHERS})`;
    return (await db.pool.query<{ n: number }>(text)).rows[0]?.n ?? 0;
  };
  const before = await count();
  await sweepOnce(db, hostId);
  return (await count()) - before;
}

/** The options of Node with which the unit of an installation starts the worker. */
export function optionsOfUnit(): string[] {
  const unit = readFileSync(`${CLONE}deploy/systemd/berth-health-worker.service`, 'utf8');
  return (
    /^ExecStart=(.*)$/m
      .exec(unit)?.[1]
      ?.split(' ')
      .filter((word) => word.startsWith('--')) ?? []
  );
}

/** One round of the seed's loop over `count` ports, in a process of its own. @returns ms */
export async function seedRound(firstPort: number, count: number): Promise<number> {
  const args = ['--import', 'tsx', 'bench/health/seed-loop.ts', String(firstPort), String(count)];
  const { stdout } = await execa(process.execPath, args, { cwd: CLONE });
  return (JSON.parse(stdout) as { ms: number }).ms;
}

/** The most memory that a process has had so far, in MB. */
export function peakMegabytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Leaves the first `count` placements; the others are gone. */
export async function keepOnly(db: Database, count: number): Promise<void> {
  await db.pool.query(
    'update placements set gone_at = now() where id not in (select id from placements order by port limit $1)',
    [count],
  );
}
