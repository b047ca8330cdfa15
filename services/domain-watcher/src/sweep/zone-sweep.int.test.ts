import { systemClock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import { silentLog } from '@berth/shared/runtime/log';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import type { Misbehaviour } from '@berth/simulators/cloudflare/misbehaviour';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';
import { type SweepDeps, startZoneSweep, sweepZones } from './zone-sweep.ts';

const never = new AbortController().signal;

describe('the zone sweep', () => {
  let world: WatcherWorld;
  let hinted: string[];
  const running: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    world = await makeWatcherWorld();
    hinted = [];
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((stop) => stop()));
    await world.close();
  });

  const metrics = makeMetrics();

  function depsOf(owner: string, { intervalMs = 10, deadlineMs = 20_000 } = {}): SweepDeps {
    const hints: Hints = {
      send: (some) => void hinted.push(...some.map((hint) => hint.conditionId)),
      flush: async () => undefined,
    };
    const { db, account } = world;
    return {
      db,
      zones: world.makeZones(deadlineMs),
      account,
      hints,
      log: silentLog,
      clock: systemClock,
      owner,
      intervalMs,
    };
  }
  const sweep = (owner = 'one') => sweepZones(depsOf(owner), never);
  function start(owner: string, options: { deadlineMs?: number } = {}): void {
    running.push(startZoneSweep({ ...depsOf(owner, options), metrics }));
  }
  /** So many sites that wait for their name servers, and no calls in the log. */
  async function waiting(count: number): Promise<OrderedSite[]> {
    const sites: OrderedSite[] = [];
    for (let made = 0; made < count; made += 1) sites.push(await world.order());
    await world.settle();
    await world.control.clearCalls();
    return sites;
  }
  const first = async () => (await waiting(1))[0] as OrderedSite;
  const statusOf = async ({ siteId }: OrderedSite): Promise<string> =>
    (
      await world.db.pool.query('select z.status from zones z join sites s on s.zone_id = z.id where s.id = $1', [
        siteId,
      ])
    ).rows[0].status;
  const due = async (): Promise<{ id: string; site_id: string }[]> =>
    (
      await world.db.pool.query(
        `select id, site_id from site_conditions where aspect = 'zone' and due_at <= now() order by site_id`,
      )
    ).rows;
  const ids = (sites: OrderedSite[]) => sites.map((site) => site.siteId).sort();

  test('asks once per fifty pending zones, however many sites wait', async () => {
    await waiting(101);
    expect(await sweep()).toBe(101);
    expect(await world.control.callCounts()).toEqual({ 'GET /zones': 3 });
    expect(await due()).toEqual([]);
    expect(hinted).toEqual([]);
  }, 120_000);

  test('asks nothing when nobody waits', async () => {
    expect(await sweep()).toBe(0);
    const site = await first();
    await world.control.activateZone(site.domain);
    await sweep();
    await world.settle();
    expect(await world.condition(site, 'zone')).toMatchObject({ status: 'true' });
    await world.control.clearCalls();
    expect(await sweep()).toBe(0);
    expect(await world.control.calls()).toEqual([]);
  });

  test('notes what is paid for zones that still wait', async () => {
    const [site, other] = (await waiting(2)) as [OrderedSite, OrderedSite];
    await world.control.setPlan(site.domain, 'pro');
    await sweep();
    const { rows } = await world.db.pool.query<{ name: string; plan: string }>('select name, plan from zones');
    expect(Object.fromEntries(rows.map(({ name, plan }) => [name, plan]))).toEqual({
      [site.domain]: 'pro',
      [other.domain]: 'free',
    });
    expect(await due()).toEqual([]);
  });

  test('tells by one page of many zones that turned active at once', async () => {
    const sites = await waiting(8);
    for (const { domain } of sites) await world.control.activateZone(domain);
    expect(await sweep()).toBe(8);
    expect(await world.control.callCounts()).toEqual({ 'GET /zones': 2 });
    expect(await Promise.all(sites.map(statusOf))).toEqual(sites.map(() => 'active'));
    expect((await due()).map((row) => row.site_id)).toEqual(ids(sites));
  });

  test('asks for each where the pages of active zones would be more', async () => {
    await world.db.pool.query(
      `insert into zones (account_id, cf_zone_id, name, status)
      select $1, 'former-' || n, 'former-' || n || '.example', 'active' from generate_series(1, 60) n`,
      [world.account.id],
    );
    const sites = await waiting(2);
    for (const { domain } of sites) await world.control.activateZone(domain);
    await sweep();
    expect(await world.control.callCounts()).toEqual({ 'GET /zones': 1, 'GET /zones/:id': 2 });
    expect(await Promise.all(sites.map(statusOf))).toEqual(['active', 'active']);
  });

  test('asks for each where the page of active zones does not come', async () => {
    const sites = await waiting(2);
    for (const { domain } of sites) await world.control.activateZone(domain);
    const deps = depsOf('one');
    const list: typeof deps.zones.list = (status, ...rest) =>
      status === 'active' ? Promise.reject(new Error('no page')) : deps.zones.list(status, ...rest);
    await sweepZones({ ...deps, zones: { ...deps.zones, list } }, never);
    expect(await Promise.all(sites.map(statusOf))).toEqual(['active', 'active']);
  });

  test('confirms each zone that is not pending any more, and wakes exactly their sites', async () => {
    const sites = await waiting(8);
    const [active, moved, ...rest] = sites as [OrderedSite, OrderedSite, ...OrderedSite[]];
    await world.control.activateZone(active.domain);
    await world.control.setZoneStatus(moved.domain, 'moved');
    await sweep();
    expect(await world.control.callCounts()).toEqual({ 'GET /zones': 2, 'GET /zones/:id': 1 });
    expect(await Promise.all([active, moved, rest[0] as OrderedSite].map(statusOf))).toEqual([
      'active',
      'moved',
      'pending',
    ]);
    const woken = await due();
    expect(woken.map((row) => row.site_id)).toEqual(ids([active, moved]));
    expect([...hinted].sort()).toEqual(woken.map((row) => row.id).sort());
  });

  test('takes a zone for deleted when it is there neither by its id nor by its name', async () => {
    const [site, other] = (await waiting(2)) as [OrderedSite, OrderedSite];
    await world.control.setZoneStatus(site.domain, 'deleted');
    await sweep();
    expect(await statusOf(site)).toBe('deleted');
    expect((await due()).map((row) => row.site_id)).toEqual([site.siteId]);
    await world.settle();
    expect((await world.condition(site, 'zone')).reason).toBe('NameserversNotChanged');
    expect(await statusOf(other)).toBe('pending');
  });

  test('leaves a zone for the next time that cannot be confirmed, and not the others', async () => {
    const sites = await waiting(12);
    for (const site of sites) await world.control.setZoneStatus(site.domain, 'moved');
    const bad = (await world.control.listZones())[0];
    await world.control.misbehave({ path: `^/zones/${bad?.id}$`, kind: '5xx', times: 1 });
    await expect(sweep()).rejects.toMatchObject({ code: 'cloudflare.unavailable' });
    const statuses = await Promise.all(sites.map(statusOf));
    expect(statuses.filter((status) => status === 'moved')).toHaveLength(11);
    await sweep();
    expect(await Promise.all(sites.map(statusOf))).toEqual(sites.map(() => 'moved'));
  });

  test('asks no further once Cloudflare wants it slower', async () => {
    const sites = await waiting(30);
    for (const site of sites) await world.control.setZoneStatus(site.domain, 'moved');
    await world.control.misbehave({ path: '^/zones/', kind: '429', retryAfterSeconds: 60, times: 100 });
    await expect(sweep()).rejects.toMatchObject({ code: 'cloudflare.rate-limited' });
    expect((await world.control.callCounts())['GET /zones/:id']).toBeLessThanOrEqual(10);
  });

  test('takes no zone for deleted because the token is refused, and asks no further', async () => {
    const sites = await waiting(12);
    for (const site of sites) await world.control.activateZone(site.domain);
    await world.control.misbehave({ path: '^/zones/', kind: 'refusal', status: 403, code: 9109, times: 100 });
    const listing = { method: 'GET', path: '^/zones$' };
    await world.control.misbehave({ ...listing, kind: 'latency', ms: 0 });
    await world.control.misbehave({ ...listing, kind: 'refusal', status: 403, code: 9109, times: 100 });
    await expect(sweep()).rejects.toMatchObject({ code: 'cloudflare.unauthorized' });
    expect(await Promise.all(sites.map(statusOf))).toEqual(sites.map(() => 'pending'));
    expect((await world.control.callCounts())['GET /zones/:id']).toBeUndefined();
  });

  test.each<Misbehaviour>([
    { kind: '5xx', times: 3 },
    { kind: 'html-5xx' },
    { kind: '429', retryAfterSeconds: 1 },
    { kind: 'hang' },
    { kind: 'stalled-body' },
    { kind: 'cut', times: 2 },
    { kind: 'refusal', status: 200, code: 1000 },
  ])('goes on by itself after $kind', async (fault) => {
    const site = await first();
    await world.control.misbehave(fault);
    start('one', { deadlineMs: fault.kind === 'hang' || fault.kind === 'stalled-body' ? 300 : 20_000 });
    await expect.poll(async () => (await world.control.calls()).length).toBeGreaterThan(0);
    await world.control.activateZone(site.domain);
    await expect.poll(() => statusOf(site), { timeout: 60_000 }).toBe('active');
  });

  test('goes on by itself after the database was away', async () => {
    const site = await first();
    start('one');
    await world.db.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await world.control.activateZone(site.domain);
    await expect.poll(() => statusOf(site), { timeout: 60_000 }).toBe('active');
  });

  test('runs in one process at a time, and in the next as soon as that one stops', async () => {
    await waiting(1);
    start('one');
    const sweeper = async () =>
      (await world.db.pool.query('select sweep_owner, swept_at is not null as swept from cloudflare_accounts')).rows[0];
    await expect.poll(sweeper).toEqual({ sweep_owner: 'one', swept: true });
    start('two');
    expect(await sweep('three')).toBeUndefined();
    expect(await sweeper()).toMatchObject({ sweep_owner: 'one' });
    await running.shift()?.();
    await expect.poll(async () => (await sweeper()).sweep_owner).toBe('two');
  });

  test('passes to another process when the one that swept is dead', async () => {
    const site = await first();
    await world.account.leaseSweep('dead', 3_600_000);
    start('one');
    await world.control.activateZone(site.domain);
    expect(await sweep('two')).toBeUndefined();
    await world.db.pool.query(`update cloudflare_accounts set sweep_until = now() - interval '1 s'`);
    await expect.poll(() => statusOf(site)).toBe('active');
  });

  test('stops in the middle of a call that hangs', async () => {
    await waiting(1);
    await world.control.misbehave({ kind: 'hang', times: 100 });
    start('one');
    await expect.poll(async () => (await world.control.calls()).length).toBeGreaterThan(0);
    await running.shift()?.();
    await world.control.clearCalls();
    await world.control.behave();
    expect(await sweep('two')).toBe(1);
    expect(await world.control.callCounts()).toEqual({ 'GET /zones': 1 });
  });
});
