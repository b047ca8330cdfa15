import { systemClock } from '@berth/shared/runtime/clock';
import type { KeptAlive } from '@berth/shared/runtime/keep-alive';
import { silentLog } from '@berth/shared/runtime/log';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keepRegistered } from './keep-registered.ts';

describe('keepRegistered', () => {
  let database: TestDatabase;
  let db: Database;
  const hosts: KeptAlive[] = [];
  /** beats and tries come as fast as they can */
  const clock = { ...systemClock, wait: (_ms: number, signal?: AbortSignal) => systemClock.wait(20, signal) };

  beforeAll(async () => {
    database = await makeTestDatabase();
    db = openDatabase({ url: database.url });
  });
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.stop();
    await db.pool.query('truncate hosts cascade');
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  function keep(): KeptAlive {
    const host = keepRegistered({ db, clock, log: silentLog, hostId: 'alpha' });
    hosts.push(host);
    return host;
  }
  const row = async () =>
    (
      await db.pool.query<{ leaseSeconds: number; lease_until: Date | null; connector_lease_until: Date | null }>(
        `select *, extract(epoch from health_lease_until - now())::float8 as "leaseSeconds" from hosts`,
      )
    ).rows[0];

  test('makes the host’s row where it comes first, which is no host yet by that alone', async () => {
    await keep().registered;
    expect(await row()).toMatchObject({ lease_until: null, connector_lease_until: null, memory_bytes: null });
    expect((await row())?.leaseSeconds).toBeGreaterThan(25);
  });

  test('renews its sign of life, also after it was silent for too long, and leaves those of the halves alone', async () => {
    await keep().registered;
    for (const seconds of [20, 40]) {
      await db.pool.query(
        `update hosts set health_lease_until = health_lease_until - $1::float8 * interval '1 s', lease_until = now() - interval '1 s'`,
        [seconds],
      );
      await expect.poll(async () => (await row())?.leaseSeconds, { timeout: 60_000 }).toBeGreaterThan(25);
    }
    expect((await row())?.lease_until?.getTime()).toBeLessThan(Date.now());
  });

  test('registers again when its row is gone', async () => {
    await keep().registered;
    await db.pool.query('truncate hosts cascade');
    await expect.poll(async () => (await row())?.leaseSeconds, { timeout: 60_000 }).toBeGreaterThan(25);
  });
});
