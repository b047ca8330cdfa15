import { systemClock } from '@berth/shared/runtime/clock';
import { makeLog } from '@berth/shared/runtime/log';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { registerHost } from '@berth/shared/store/hosts';
import { makeConditions } from '@berth/shared/testing/condition-rows';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startHostSweep } from './host-sweep.ts';

describe('startHostSweep', () => {
  let database: TestDatabase;
  let db: Database;
  let logged: string[] = [];
  const running: (() => Promise<void>)[] = [];
  /** looks follow each other as fast as they can */
  const clock = { ...systemClock, wait: (_ms: number, signal?: AbortSignal) => systemClock.wait(20, signal) };
  const hinted: string[] = [];

  beforeAll(async () => {
    database = await makeTestDatabase();
    db = openDatabase({ url: database.url, onIdleError: () => undefined });
  });
  afterEach(async () => {
    for (const stop of running.splice(0)) await stop();
    logged = [];
    await db.pool.query(
      'truncate incidents, host_events, site_conditions, port_allocations, placements, hosts cascade',
    );
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  function start(): void {
    const log = makeLog('domain-watcher', 'info', { write: (line) => logged.push(line) });
    const hints = {
      send: (hints: readonly { conditionId: string }[]) => hinted.push(...hints.map(({ conditionId }) => conditionId)),
      flush: async () => undefined,
    };
    running.push(startHostSweep({ db, hints, log, clock, downSeconds: 60 }));
  }
  const register = () =>
    registerHost(db, {
      id: 'alpha',
      customerPorts: { start: 3100, end: 3109 },
      memoryBytes: 1e12,
      cpus: 2,
      labels: {},
      versions: {},
    });
  const said = (message: string) => logged.filter((line) => JSON.parse(line).msg === message).length;
  const silence = () => db.pool.query(`update hosts set lease_until = now() - interval '1 s'`);

  test('tells once of a host that fell silent, and once that it is back, in however many processes', async () => {
    await register();
    start();
    start();
    await silence();
    await expect.poll(() => said('host is down'), { timeout: 60_000 }).toBe(1);
    await systemClock.wait(300);
    await register();
    await expect.poll(() => said('host is back'), { timeout: 60_000 }).toBe(1);
    await systemClock.wait(300);
    expect([said('host is down'), said('host is back')]).toEqual([1, 1]);
  });

  test('calls those whom nobody called when room came', async () => {
    const [waiting] = await makeConditions(db, { aspect: 'placement' });
    await register();
    await db.pool.query(
      `update site_conditions set status = 'false', reason = 'NoMemory', due_at = now() + interval '5 min' where id = $1`,
      [waiting?.conditionId],
    );
    start();
    await expect.poll(() => hinted, { timeout: 60_000 }).toContain(waiting?.conditionId);
  });

  test('goes on by itself after the database was away', async () => {
    await register();
    start();
    await systemClock.wait(100);
    await db.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    // One of the connections that were cut may be met once more before the pool knows of it.
    await expect.poll(async () => (await silence()).rowCount, { timeout: 60_000 }).toBe(1);
    await expect.poll(() => said('host is down'), { timeout: 60_000 }).toBe(1);
  });
});
