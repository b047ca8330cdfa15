import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import type { KeptAlive } from '@berth/shared/runtime/keep-alive';
import { silentLog } from '@berth/shared/runtime/log';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { findHostProblems, registerConnectors } from '@berth/shared/store/hosts';
import { placeSite } from '@berth/shared/store/place-sites';
import { makeConditions } from '@berth/shared/testing/condition-rows';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { type DockerSimulator, startDocker } from '@berth/simulators/docker/start-docker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseContainerWorkerConfig } from '../config.ts';
import { openDocker } from '../start.ts';
import { makeDescribeHost } from './describe-host.ts';
import { keepRegistered } from './keep-registered.ts';

/** A clock whose waits last as long as the test says. */
function makeSteppedClock(): Clock & { step(): void; waiting(): number } {
  const waits = new Set<() => void>();
  return {
    ...systemClock,
    wait: (_ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        waits.add(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    step() {
      for (const resolve of waits) resolve();
      waits.clear();
    },
    waiting: () => waits.size,
  };
}

describe('keepRegistered', () => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-host-'));
  let database: TestDatabase;
  let db: Database;
  let simulator: DockerSimulator;
  let clock: ReturnType<typeof makeSteppedClock>;
  let unprotected: string | undefined;
  const hosts: KeptAlive[] = [];

  beforeAll(async () => {
    database = await makeTestDatabase();
    db = openDatabase({ url: database.url });
    simulator = await startDocker({ socketPath: join(dir, 'docker.sock') });
  });
  beforeEach(async () => {
    clock = makeSteppedClock();
    unprotected = undefined;
    await db.pool.query(
      'truncate site_conditions, port_allocations, placements, hosts, sites, orders, customers cascade',
    );
  });
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
    await simulator.control.back();
    simulator.control.clearFaults();
  });
  afterAll(async () => {
    await simulator.stop();
    await db.close();
    await database.drop();
    rmSync(dir, { recursive: true, force: true });
  });

  function keep(environment: Record<string, string> = {}): KeptAlive {
    const config = parseContainerWorkerConfig({
      DATABASE_URL: database.url,
      BERTH_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
      DOCKER_HOST: simulator.dockerHost,
      HOST_ID: 'alpha',
      ...environment,
    });
    const describe = makeDescribeHost(openDocker(config.DOCKER_HOST), { check: async () => unprotected }, config);
    const host = keepRegistered({ db, clock, log: silentLog, hints: noHints, describe });
    hosts.push(host);
    return host;
  }

  const one = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await db.pool.query<Row>(text, values)).rows[0];
  const lease = async () =>
    (
      await one<{ s: number }>(
        `select extract(epoch from lease_until - now())::float8 as s from hosts where id = 'alpha'`,
      )
    )?.s;
  const pools = async () =>
    (
      await db.pool.query<{ pool: string; first: number; last: number; count: number }>(
        `select pool, min(port) as first, max(port) as last, count(*)::int as count from port_allocations group by pool order by pool`,
      )
    ).rows;
  const ageLease = (seconds: number) =>
    db.pool.query(`update hosts set lease_until = lease_until - $1::float8 * interval '1 s'`, [seconds]);
  /** lets the host's next waits end until it has done what is looked for */
  const stepUntil = (done: () => Promise<boolean>) =>
    expect
      .poll(
        () => {
          clock.step();
          return done();
        },
        { timeout: 60_000, interval: 5 },
      )
      .toBe(true);
  const connectorsToo = () => registerConnectors(db, { id: 'alpha', versions: {} });
  const alive = async () => ((await lease()) ?? 0) > 25;

  test('registers the host with what Docker says of it', async () => {
    await keep().registered;
    expect(await one('select state, memory_bytes::float8 as memory, cpus, versions from hosts')).toEqual({
      state: 'ready',
      memory: 25_000_000_000,
      cpus: 2,
      versions: { docker: '20.10.24', kernel: expect.any(String) },
    });
    expect(await lease()).toBeGreaterThan(25);
  });

  test('says what the settings say of its memory and its labels instead', async () => {
    await keep({ HOST_MEMORY: '60g', HOST_MEMORY_OVERCOMMIT: '1.5', HOST_LABELS: 'region=eu,rack=7' }).registered;
    expect(await one('select memory_bytes::float8 as memory, memory_overcommit, labels from hosts')).toEqual({
      memory: 60 * 1024 ** 3,
      memory_overcommit: 1.5,
      labels: { region: 'eu', rack: '7' },
    });
  });

  test('takes no sites before its connectors are looked after as well, whichever half comes first', async () => {
    const [site, other] = await makeConditions(db, { count: 2, aspect: 'placement' });
    await keep().registered;
    expect((await placeSite(db, site?.siteId ?? '')).kind).toBe('no-host');
    await db.pool.query('truncate port_allocations, hosts cascade');
    await connectorsToo();
    expect((await placeSite(db, other?.siteId ?? '')).kind).toBe('no-host');
    await keep().registered;
    expect((await placeSite(db, other?.siteId ?? '')).kind).toBe('placed');
    expect(await one('select versions from hosts')).toEqual({
      versions: { docker: '20.10.24', kernel: expect.any(String) },
    });
  });

  test('registers again when it has slept for longer than its lease', async () => {
    const [site] = await makeConditions(db, { aspect: 'placement' });
    await keep().registered;
    await connectorsToo();
    await db.pool.query(
      `update site_conditions set status = 'false', reason = 'NoHostReady', due_at = now() + interval '1 day' where id = $1`,
      [site?.conditionId],
    );
    await ageLease(31);
    await stepUntil(async () => {
      const row = await one<{ due: boolean }>('select due_at <= now() as due from site_conditions where id = $1', [
        site?.conditionId,
      ]);
      return row?.due ?? false;
    });
    expect(await alive()).toBe(true);
  });

  test('gives it the ports 3000 to 3099 for staging and those of customers, and none from 4000 on', async () => {
    await keep().registered;
    expect(await pools()).toEqual([
      { pool: 'customer', first: 3100, last: 3999, count: 900 },
      { pool: 'staging', first: 3000, last: 3099, count: 100 },
    ]);
  });

  test('gives customers no other ports than those of the settings', async () => {
    await keep({ CUSTOMER_PORT_START: '3200', CUSTOMER_PORT_END: '3209' }).registered;
    expect(await pools()).toEqual([
      { pool: 'customer', first: 3200, last: 3209, count: 10 },
      { pool: 'staging', first: 3000, last: 3099, count: 100 },
    ]);
  });

  test('gives each port a slot of its own, and leaves out those whose metrics would meet cloudflared’s ports', async () => {
    await keep().registered;
    const slots = (await db.pool.query<{ slot: number }>('select slot from port_allocations order by slot')).rows.map(
      ({ slot }) => slot,
    );
    expect(new Set(slots).size).toBe(1000);
    const taken = slots.flatMap((slot) => [20_000 + 2 * slot, 20_001 + 2 * slot]);
    expect(taken.filter((port) => port >= 20_241 && port <= 20_245)).toEqual([]);
    expect(taken).toContain(20_239);
    expect(taken).toContain(20_246);
  });

  test('gives it no sites while its containers could reach the host, and calls those that wait when that is mended', async () => {
    const [site] = await makeConditions(db, { aspect: 'placement' });
    unprotected = 'iptables: is not installed';
    await keep().registered;
    await connectorsToo();
    expect(await findHostProblems(db)).toBe('alpha: HostUnprotected: iptables: is not installed');
    expect((await placeSite(db, site?.siteId ?? '')).kind).toBe('no-host');
    await db.pool.query(
      `update site_conditions set status = 'false', reason = 'NoHostReady', due_at = now() + interval '1 day' where id = $1`,
      [site?.conditionId],
    );
    unprotected = undefined;
    await stepUntil(async () => {
      const row = await one<{ due: boolean }>('select due_at <= now() as due from site_conditions where id = $1', [
        site?.conditionId,
      ]);
      return row?.due ?? false;
    });
    expect(await findHostProblems(db)).toBeUndefined();
  });

  test('gives it no sites while its containers would end with its Docker', async () => {
    simulator.control.setLiveRestore(false);
    await keep().registered;
    expect(await findHostProblems(db)).toMatch(/^alpha: HostNotReady: .*live-restore/);
    simulator.control.setLiveRestore(true);
  });

  test('renews its sign of life', async () => {
    await keep().registered;
    await ageLease(20);
    expect(await alive()).toBe(false);
    await stepUntil(alive);
  });

  test('falls silent while Docker is away, takes no sites then, and comes back', async () => {
    const [site] = await makeConditions(db, { aspect: 'placement' });
    await keep().registered;
    await connectorsToo();
    await simulator.control.away();
    await ageLease(31);
    await expect.poll(clock.waiting).toBe(1);
    for (let n = 0; n < 3; n += 1) {
      clock.step();
      await expect.poll(clock.waiting).toBe(1);
    }
    expect(await lease()).toBeLessThan(0);
    expect(await placeSite(db, site?.siteId ?? '')).toEqual({ kind: 'no-host' });
    await simulator.control.back();
    await stepUntil(alive);
    expect((await placeSite(db, site?.siteId ?? '')).kind).toBe('placed');
  });

  test('has its containers looked at once more when its Docker is back, not those that nobody has looked at yet', async () => {
    await keep().registered;
    await connectorsToo();
    for (const { siteId } of await makeConditions(db, { count: 2, aspect: 'placement' })) await placeSite(db, siteId);
    await db.pool.query('update site_conditions set due_at = null');
    const containers = (
      await db.pool.query<{ id: string }>(`select id from site_conditions where aspect = 'container'`)
    ).rows;
    const [seen] = containers;
    await db.pool.query('update site_conditions set observed_at = now() where id = $1', [seen?.id]);
    await simulator.control.away();
    await expect.poll(clock.waiting).toBe(1);
    clock.step();
    await expect.poll(clock.waiting).toBe(1);
    await simulator.control.back();
    const due = async () =>
      (await db.pool.query<{ id: string }>('select id from site_conditions where due_at <= now()')).rows.map(
        ({ id }) => id,
      );
    await stepUntil(async () => (await due()).length > 0);
    expect(containers).toHaveLength(2);
    expect(await due()).toEqual([seen?.id]);
  });

  test('wakes the sites that wait for a host when it comes back', async () => {
    await keep().registered;
    await connectorsToo();
    await simulator.control.away();
    await ageLease(31);
    await stepUntil(async () => (await lease()) !== undefined);
    const [site] = await makeConditions(db, { aspect: 'placement' });
    await db.pool.query(
      `update site_conditions set status = 'false', reason = 'NoHostReady', due_at = now() + interval '1 day' where id = $1`,
      [site?.conditionId],
    );
    await expect.poll(clock.waiting).toBe(1);
    clock.step();
    await expect.poll(clock.waiting).toBe(1);
    await simulator.control.back();
    await stepUntil(async () => {
      const row = await one<{ due: boolean }>('select due_at <= now() as due from site_conditions where id = $1', [
        site?.conditionId,
      ]);
      return row?.due ?? false;
    });
  });

  test('waits for Docker when it is away at the start', async () => {
    await simulator.control.away();
    const host = keep();
    await expect.poll(clock.waiting).toBe(1);
    expect(await lease()).toBeUndefined();
    await simulator.control.back();
    await stepUntil(async () => (await lease()) !== undefined);
    await host.registered;
  });

  test('registers again when its row is gone', async () => {
    await keep().registered;
    await db.pool.query('truncate port_allocations, hosts cascade');
    await stepUntil(async () => (await lease()) !== undefined);
    await expect.poll(async () => (await pools()).length, { timeout: 60_000 }).toBe(2);
  });

  test('keeps an operator’s word that it takes no sites', async () => {
    await keep().registered;
    await db.pool.query(`update hosts set state = 'draining'`);
    await ageLease(20);
    await stepUntil(alive);
    await keep().registered;
    expect(await one('select state from hosts')).toEqual({ state: 'draining' });
  });

  test('retires the ports that another range leaves out, without losing taken ones, and takes them back', async () => {
    await keep({ CUSTOMER_PORT_START: '3100', CUSTOMER_PORT_END: '3109' }).registered;
    await connectorsToo();
    const sites = await makeConditions(db, { count: 2, aspect: 'placement' });
    for (const { siteId } of sites) await placeSite(db, siteId);
    const numbers = () =>
      db.pool.query(
        `select a.port, a.slot, a.placement_id, p.port as placed from port_allocations a join placements p on p.id = a.placement_id order by 1`,
      );
    const before = (await numbers()).rows;
    expect(before.map(({ port }) => port)).toEqual([3100, 3101]);

    await keep({ CUSTOMER_PORT_START: '3105', CUSTOMER_PORT_END: '3114' }).registered;
    expect(await pools()).toEqual([
      { pool: 'customer', first: 3105, last: 3114, count: 10 },
      { pool: 'retired', first: 3100, last: 3104, count: 5 },
      { pool: 'staging', first: 3000, last: 3099, count: 100 },
    ]);
    expect((await numbers()).rows).toEqual(before);
    const [further] = await makeConditions(db, { aspect: 'placement' });
    expect(await placeSite(db, further?.siteId ?? '')).toMatchObject({ placement: { port: 3105 } });

    await keep({ CUSTOMER_PORT_START: '3100', CUSTOMER_PORT_END: '3114' }).registered;
    expect((await pools())[0]).toEqual({ pool: 'customer', first: 3100, last: 3114, count: 15 });
    expect((await numbers()).rows.slice(0, 2)).toEqual(before);
  });

  test('ends at once when it is told to, also in the middle of a call that Docker does not answer', async () => {
    simulator.control.addFault({ kind: 'hang', on: 'GET /info', times: 0 });
    const host = keep();
    await host.stop();
    expect(await lease()).toBeUndefined();
  });
});
