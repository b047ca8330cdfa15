import { systemClock } from '@berth/shared/runtime/clock';
import { silentLog } from '@berth/shared/runtime/log';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { openQueues } from '@berth/shared/runtime/queues';
import { Secret } from '@berth/shared/runtime/secret';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeSweeps } from '@berth/shared/store/health-sweeps';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { keepScheduled } from './keep-scheduled.ts';
import { type RunningSweeps, runSweeps } from './run-sweeps.ts';

const INTERVAL = 200;
/** None of this is due by itself while a test runs: an hour's slot can come in the middle of one. */
const NEVER = 7 * 86_400_000;
const patient = { timeout: 60_000, interval: 10 };

let made: TestDatabase;
let db: Database;
let host = 0;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
afterAll(async () => {
  await db.close();
  await made.drop();
});

async function newHost(): Promise<string> {
  host += 1;
  await db.pool.query('insert into hosts (id) values ($1)', [`h${host}`]);
  return `h${host}`;
}

function start(hostId: string, sweep: (signal: AbortSignal) => Promise<void>, owner = 'me', intervalMs = INTERVAL) {
  const metrics = makeMetrics();
  const sweeps = makeSweeps(db, { hostId, kind: 'host', intervalMs });
  const one: RunningSweeps = runSweeps({
    sweeps,
    name: 'host',
    sweep: async (signal) => {
      await sweep(signal);
      return { checked: 2, failing: 1 };
    },
    clock: systemClock,
    log: silentLog,
    metrics,
    owner,
  });
  running.push(one);
  return { one, metrics, sweeps };
}

const rowOf = async (hostId: string) =>
  (await db.pool.query('select * from health_sweeps where host_id = $1', [hostId])).rows[0];

describe('runSweeps', () => {
  test('sweeps at each interval with no queue at all, and says how the last one went', async () => {
    const hostId = await newHost();
    let swept = 0;
    const count = async () => {
      swept += 1;
    };
    const { metrics } = start(hostId, count);
    await vi.waitFor(() => expect(swept).toBeGreaterThanOrEqual(3), patient);
    await vi.waitFor(
      async () => expect(await rowOf(hostId)).toMatchObject({ checked: 2, failing: 1, error: null }),
      patient,
    );
    expect(await metrics.registry.metrics()).toContain(
      'berth_sweep_duration_seconds_count{sweep="host",result="done"}',
    );
    expect(await metrics.registry.metrics()).toContain('berth_sweep_lag_seconds{sweep="host"}');
  });

  test('shares with another process of the same host, and never overlaps', async () => {
    const hostId = await newHost();
    let atOnce = 0;
    let most = 0;
    const by = new Set<string>();
    const sweep = (owner: string) => async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      by.add(owner);
      await systemClock.wait(2 * INTERVAL);
      atOnce -= 1;
    };
    start(hostId, sweep('me'), 'me');
    start(hostId, sweep('you'), 'you');
    await vi.waitFor(async () => expect(Number((await rowOf(hostId))?.sweeps)).toBeGreaterThanOrEqual(4), patient);
    expect(most).toBe(1);
  });

  test('says by how much one began late', async () => {
    const hostId = await newHost();
    const { one, metrics } = start(hostId, async () => undefined, 'me', NEVER);
    await vi.waitFor(async () => expect(await rowOf(hostId)).toBeDefined(), patient);
    await db.pool.query(`update health_sweeps set due_at = now() - interval '90 s' where host_id = $1`, [hostId]);
    await one.lookNow();
    const lag = async () => (await metrics.sweepLag.get()).values.find(({ labels }) => labels.sweep === 'host')?.value;
    await vi.waitFor(async () => expect(await lag()).toBeGreaterThanOrEqual(90), patient);
  });

  test('goes on after a sweep that failed, and says why', async () => {
    const hostId = await newHost();
    let swept = 0;
    start(hostId, async () => {
      swept += 1;
      if (swept === 1) throw new Error('the database is away');
    });
    await vi.waitFor(() => expect(swept).toBeGreaterThanOrEqual(2), patient);
    await vi.waitFor(async () => expect((await rowOf(hostId))?.error).toBeNull(), patient);
  });

  test('gives up what is under way when it stops, and leaves no lease', async () => {
    const hostId = await newHost();
    let begun = false;
    const { one } = start(hostId, async (signal) => {
      begun = true;
      await systemClock.wait(60_000, signal);
    });
    await vi.waitFor(() => expect(begun).toBe(true), patient);
    await one.stop();
    expect(await rowOf(hostId)).toMatchObject({ lease_until: null, error: expect.any(String) });
  });

  test('ends although the sweep under way listens to nothing', async () => {
    const hostId = await newHost();
    let begun = false;
    const { one } = start(hostId, () => {
      begun = true;
      return new Promise(() => undefined);
    });
    await vi.waitFor(() => expect(begun).toBe(true), patient);
    await one.stop();
    expect(await rowOf(hostId)).toMatchObject({ lease_until: null, error: expect.any(String) });
  });

  test('goes on when the database was away while a sweep was to be finished', async () => {
    const hostId = await newHost();
    let swept = 0;
    const sweeps = makeSweeps(db, { hostId, kind: 'host', intervalMs: INTERVAL });
    const finish = vi.fn(sweeps.finish).mockRejectedValueOnce(new Error('the database is away'));
    const sweep = async () => {
      swept += 1;
      return { checked: 0, failing: 0 };
    };
    const rest = { name: 'host', sweep, clock: systemClock, log: silentLog, metrics: makeMetrics(), owner: 'me' };
    running.push(runSweeps({ ...rest, sweeps: { ...sweeps, finish } }));
    await vi.waitFor(() => expect(finish).toHaveBeenCalledTimes(1), patient);
    // Nobody gave the lease back, which ends by itself.
    await db.pool.query('update health_sweeps set lease_until = now() where host_id = $1', [hostId]);
    await vi.waitFor(() => expect(swept).toBeGreaterThanOrEqual(2), patient);
  });

  test('begins when a job hints at it, once it is due; what hints is put back when the queue was emptied', async () => {
    const hostId = await newHost();
    let swept = 0;
    const count = async () => {
      swept += 1;
    };
    const { one, sweeps } = start(hostId, count, 'me', NEVER);
    await one.lookNow();
    expect(swept).toBe(0);
    await vi.waitFor(async () => expect(await rowOf(hostId)).toBeDefined(), patient);
    const queues = await openQueues({ databaseUrl: new Secret(made.url), log: silentLog });
    const host = { lookNow: vi.fn(one.lookNow) };
    const soon = { untilDueMs: async () => 0 };
    const settings = { queues, hostId, sweeps: soon, host, clock: systemClock, log: silentLog };
    const unschedule = await keepScheduled({ ...settings, intervalMs: INTERVAL });
    await vi.waitFor(() => expect(host.lookNow).toHaveBeenCalled(), patient);
    expect(swept).toBe(0);
    await sweeps.hasten();
    await vi.waitFor(() => expect(swept).toBe(1), patient);
    const queue = queues.open(`health-${hostId}`);
    await queue.obliterate({ force: true });
    await queue.removeJobScheduler('host.sweep');
    host.lookNow.mockClear();
    await vi.waitFor(() => expect(host.lookNow).toHaveBeenCalled(), patient);
    await unschedule();
    await queues.close();
  });
});
