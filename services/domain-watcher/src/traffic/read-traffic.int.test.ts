import { HOUR_MS } from '@berth/shared/domain/traffic';
import { systemClock } from '@berth/shared/runtime/clock';
import { silentLog } from '@berth/shared/runtime/log';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { readTraffic } from '@berth/shared/store/read-traffic';
import { dropOldTraffic, ensureTrafficPartitions, makeTrafficReadings } from '@berth/shared/store/traffic-readings';
import { untilHourLasts } from '@berth/shared/testing/hour-that-lasts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeCloudflareTraffic } from '../adapters/cloudflare-traffic.ts';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';
import { type KeepReading, keepReading, readWhenDue } from './keep-reading.ts';
import { readAllTraffic } from './read-traffic.ts';

describe('readAllTraffic', () => {
  let world: WatcherWorld;
  const signal = new AbortController().signal;
  let now = 0;
  const hourAgo = (hours: number) => new Date(Math.floor(now / HOUR_MS) * HOUR_MS - hours * HOUR_MS).toISOString();

  beforeAll(async () => {
    await untilHourLasts();
    now = Date.now();
    world = await makeWatcherWorld();
    await ensureTrafficPartitions(world.db);
  });
  afterEach(async () => {
    await world.control.behave();
    await world.control.setQueryLimit(300);
    await world.db.pool.query('delete from traffic_hourly');
    await world.db.pool.query('delete from zone_traffic');
    await world.db.pool.query(`update sites set gone_at = now()`);
    await world.db.pool.query(`update traffic_readings set due_at = now(), lease_until = null`);
    await world.control.clearCalls();
  });
  afterAll(() => world.close());

  /** Sites whose zones have been active for two days. */
  async function active(count: number): Promise<OrderedSite[]> {
    const sites: OrderedSite[] = [];
    for (let n = 0; n < count; n += 1) sites.push(await world.order());
    await world.settle();
    for (const { domain } of sites) await world.control.activateZone(domain);
    await world.db.pool.query(`update zones set status = 'active', first_active_at = now()`);
    await world.db.pool.query(
      `update sites set zone_active_at = now() - interval '2 days', created_at = now() - interval '2 days' where gone_at is null`,
    );
    return sites;
  }
  const deps = (more: Partial<KeepReading> = {}): KeepReading => {
    const readings = makeTrafficReadings(world.db, world.account.id);
    const common = { db: world.db, clock: systemClock, log: silentLog, owner: 'one', ...more };
    const traffic = makeCloudflareTraffic(world.cloudflare);
    return {
      what: 'traffic',
      read: (ending) => readAllTraffic({ ...common, readings, traffic, pauseMs: 0 }, ending),
      readings,
      queues: undefined,
      metrics: makeMetrics(),
      accountId: world.account.id,
      everyMs: 3_600_000,
      ready: Promise.resolve(),
      ...common,
    };
  };
  async function read(more: Partial<KeepReading> = {}): Promise<void> {
    const all = deps(more);
    await all.readings.untilDueMs();
    await readWhenDue(all, signal);
  }
  const readAgain = async (more: Partial<KeepReading> = {}) => {
    await world.db.pool.query('update traffic_readings set due_at = now()');
    await read(more);
  };
  const visit = (domain: string, at: string, more = {}) =>
    world.control.addVisit(domain, { at, status: 200, bytes: 1000, address: '192.0.2.1', country: 'DE', ...more });
  const shown = ({ siteId }: OrderedSite, bucket: 'hour' | 'day' = 'hour') =>
    readTraffic(world.db, siteId, { from: new Date(now - 80 * HOUR_MS), to: new Date(now + HOUR_MS), bucket });
  const problem = async () =>
    (await world.db.pool.query('select problem, due_at > now() as later from traffic_readings')).rows[0];
  const queries = async () => (await world.control.callCounts())['POST /graphql'] ?? 0;

  test('writes what visitors did, by hours, statuses, visitors and countries', async () => {
    const [site] = await active(1);
    if (!site) throw new Error('no site');
    await visit(site.domain, hourAgo(3));
    await visit(site.domain, hourAgo(3), { address: '192.0.2.2', country: 'AT', status: 404 });
    await visit(site.domain, hourAgo(1));
    await read();
    const { buckets, countries, given } = await shown(site);
    expect(given).toBe('all');
    expect(buckets.find(({ at }) => at === hourAgo(3))).toMatchObject({
      requests: 2,
      bytes: 2000,
      visitors: 2,
      cachedRequests: 0,
      statuses: { '2xx': 1, '4xx': 1 },
      complete: true,
    });
    expect(buckets.find(({ at }) => at === hourAgo(2))).toMatchObject({ requests: 0, complete: true });
    expect(buckets.at(-1)).toMatchObject({ at: hourAgo(0), complete: false });
    expect(buckets).toHaveLength(49);
    expect(countries).toEqual([
      { country: 'DE', requests: 2 },
      { country: 'AT', requests: 1 },
    ]);
    const days = await shown(site, 'day');
    expect(days.buckets.reduce((sum, { requests }) => sum + requests, 0)).toBe(3);
  });

  test('reads again what was not complete, and counts nothing twice', async () => {
    const [site] = await active(1);
    if (!site) throw new Error('no site');
    await visit(site.domain, hourAgo(0));
    await read();
    await visit(site.domain, hourAgo(0));
    await visit(site.domain, hourAgo(1));
    await readAgain();
    const { buckets } = await shown(site);
    expect(buckets.slice(-2).map(({ requests }) => requests)).toEqual([1, 2]);
  });

  test('fills the hours in which nobody read, as far as Cloudflare has them', async () => {
    const [site] = await active(1);
    if (!site) throw new Error('no site');
    await read();
    await world.db.pool.query('delete from traffic_hourly');
    await world.db.pool.query(`update zone_traffic set read_until = now() - interval '30 hours'`);
    await visit(site.domain, hourAgo(20));
    await readAgain();
    const { buckets } = await shown(site);
    expect(buckets.find(({ at }) => at === hourAgo(20))?.requests).toBe(1);
    expect(buckets).toHaveLength(33);
  });

  test('asks for ten zones at once', async () => {
    await active(12);
    await read();
    expect(await queries()).toBe(2);
    const { rows } = await world.db.pool.query('select count(distinct site_id)::int as sites from traffic_hourly');
    expect(rows).toEqual([{ sites: 12 }]);
  });

  test('finds out whose plan gives nothing, reads the others, and asks that one again after a day only', async () => {
    const sites = await active(3);
    const [poor, rich] = sites;
    if (!poor || !rich) throw new Error('no sites');
    await world.control.setAnalytics(poor.domain, false);
    await visit(rich.domain, hourAgo(1));
    await read();
    expect((await shown(poor)).given).toBe('nothing');
    expect((await shown(rich)).buckets.at(-2)).toMatchObject({ requests: 1 });
    await world.control.clearCalls();
    await readAgain();
    expect(await queries()).toBe(1);
    await world.control.setAnalytics(poor.domain, true);
    await world.db.pool.query(`update zone_traffic set gives_at = now() - interval '25 hours' where gives = 'nothing'`);
    await readAgain();
    expect((await shown(poor)).given).toBe('all');
  });

  test('stops when the quota of queries is used up, and goes on later', async () => {
    const [site] = await active(1);
    if (!site) throw new Error('no site');
    await world.control.setQueryLimit(0);
    await read();
    expect(await problem()).toEqual({ problem: expect.stringContaining('quota'), later: true });
    expect((await shown(site)).buckets).toEqual([]);
    await world.control.setQueryLimit(300);
    await readAgain();
    expect((await problem()).problem).toBeNull();
  });

  test.each(['5xx', 'html-5xx', 'lost-answer', 'cut'] as const)('is tried again after %s', async (kind) => {
    const [site] = await active(1);
    if (!site) throw new Error('no site');
    await world.control.misbehave({ method: 'POST', path: '^/graphql$', kind });
    await read();
    expect(await problem()).toMatchObject({ problem: expect.any(String), later: true });
    await readAgain();
    expect((await shown(site)).buckets.length).toBeGreaterThan(0);
  });

  test('is done by one of two, and taken over when that one has died', async () => {
    await active(1);
    await Promise.all([read({ owner: 'one' }), read({ owner: 'two' })]);
    expect(await queries()).toBe(1);
    await world.db.pool.query(
      `update traffic_readings set due_at = now(), owner = 'dead', lease_until = now() + interval '1 minute'`,
    );
    await read({ owner: 'two' });
    expect(await queries()).toBe(1);
    await world.db.pool.query('update traffic_readings set lease_until = now()');
    await read({ owner: 'two' });
    expect(await queries()).toBe(2);
  });

  test('goes on by itself without a queue, until it is stopped', async () => {
    const [site] = await active(1);
    if (!site) throw new Error('no site');
    const stop = await keepReading(deps());
    await expect.poll(async () => (await shown(site)).buckets.length, { timeout: 60_000 }).toBeGreaterThan(0);
    await stop();
  });

  test('keeps traffic for as many days as it is told to', async () => {
    await world.db.pool.query(
      `create table traffic.hours_20200101 partition of traffic_hourly for values from ('2020-01-01 00:00+00') to ('2020-01-02 00:00+00')`,
    );
    expect(await dropOldTraffic(world.db, 90)).toEqual(['hours_20200101']);
  });
});
