import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import type { KeptAlive } from '@berth/shared/runtime/keep-alive';
import { silentLog } from '@berth/shared/runtime/log';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { type SystemdSimulator, startSystemd } from '@berth/simulators/systemd/start-systemd';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeHostPrograms } from '../adapters/host-programs.ts';
import { keepRegistered } from './keep-registered.ts';

describe('keepRegistered', () => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-connectors-'));
  let database: TestDatabase;
  let db: Database;
  let systemd: SystemdSimulator;
  const hosts: KeptAlive[] = [];
  /** beats and tries come as fast as they can; each ends with a wait */
  let ended = 0;
  const clock = {
    ...systemClock,
    wait(_ms: number, signal?: AbortSignal) {
      ended += 1;
      return systemClock.wait(20, signal);
    },
  };
  /** Waits until what is under way has ended, and `count` more that began after that. */
  async function untilTried(count: number): Promise<void> {
    const before = ended;
    await expect.poll(() => ended, { timeout: 60_000, interval: 10 }).toBeGreaterThan(before + count);
  }

  beforeAll(async () => {
    database = await makeTestDatabase();
    db = openDatabase({ url: database.url });
    const edge = { register: () => Promise.reject(new Error('edge unreachable')) };
    systemd = startSystemd({ unitDir: join(dir, 'units'), runDir: join(dir, 'run'), edge });
  });
  afterEach(async () => {
    systemd.control.back();
    for (const host of hosts.splice(0)) await host.stop();
    await db.pool.query('truncate hosts cascade');
  });
  afterAll(async () => {
    systemd.stop();
    await db.close();
    await database.drop();
    rmSync(dir, { recursive: true, force: true });
  });

  function keep(cloudflared = systemd.cloudflaredPath): KeptAlive {
    const programs = makeHostPrograms({ systemctl: systemd.systemctlPath, cloudflared });
    const host = keepRegistered({ db, clock, log: silentLog, hints: noHints, hostId: 'alpha', programs });
    hosts.push(host);
    return host;
  }
  const row = async () => (await db.pool.query('select *, connector_lease_until > now() as alive from hosts')).rows[0];
  const age = (seconds: number) =>
    db.pool.query(`update hosts set connector_lease_until = connector_lease_until - $1::float8 * interval '1 s'`, [
      seconds,
    ]);

  test('says which systemd and cloudflared are there, and is no host yet by that alone', async () => {
    await keep().registered;
    expect(await row()).toMatchObject({
      alive: true,
      lease_until: null,
      memory_bytes: null,
      versions: { systemd: '252.38-1~deb12u1', cloudflared: '2026.8.2' },
    });
  });

  test('leaves out a cloudflared that the worker does not see', async () => {
    await keep('/nowhere/cloudflared').registered;
    expect((await row()).versions).toEqual({ systemd: '252.38-1~deb12u1' });
  });

  test('renews its sign of life, and comes back after it was silent for too long', async () => {
    await keep().registered;
    for (const seconds of [20, 40]) {
      await age(seconds);
      await expect
        .poll(async () => (await row()).connector_lease_until.getTime() - Date.now(), { timeout: 60_000 })
        .toBeGreaterThan(25_000);
    }
  });

  test('falls silent while systemd is away, and comes back with it', async () => {
    systemd.control.away();
    const host = keep();
    await untilTried(2);
    expect(await row()).toBeUndefined();
    systemd.control.back();
    await host.registered;
    systemd.control.away();
    // A beat that was under way has asked systemd before, and may still write.
    await untilTried(1);
    await age(31);
    await untilTried(2);
    expect((await row()).alive).toBe(false);
    systemd.control.back();
    await expect.poll(async () => (await row()).alive, { timeout: 60_000 }).toBe(true);
  });
});
