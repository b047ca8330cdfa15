import { BerthError } from '@berth/shared/errors/berth-error';
import { systemClock } from '@berth/shared/runtime/clock';
import { silentLog } from '@berth/shared/runtime/log';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { makeAccountRounds } from '@berth/shared/store/account-rounds';
import { dropOldRequests, ensureRequestPartitions, listRequestZones } from '@berth/shared/store/request-log';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeCloudflareRequests } from '../adapters/cloudflare-requests.ts';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';
import { readWhenDue } from '../traffic/keep-reading.ts';
import { type RequestDeps, readAllRequests } from './read-requests.ts';
import type { CloudflareRequests } from './request-access.ts';

const DAY_MS = 86_400_000;

describe('readAllRequests', () => {
  let world: WatcherWorld;
  const signal = new AbortController().signal;
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  const minutesAgo = (minutes: number) => ago(minutes * 60_000);

  beforeAll(async () => {
    world = await makeWatcherWorld();
    await ensureRequestPartitions(world.db, 7);
  });
  afterEach(async () => {
    await world.control.behave();
    await world.control.setQueryLimit(300);
    for (const table of ['site_requests', 'zone_requests', 'zone_logpush', 'account_rounds'])
      await world.db.pool.query(`delete from ${table}`);
    await world.db.pool.query('update sites set gone_at = now()');
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
      `update sites set zone_active_at = now() - interval '2 days', created_at = now() - interval '2 hours' where gone_at is null`,
    );
    return sites;
  }
  async function one(): Promise<OrderedSite> {
    const [site] = await active(1);
    if (!site) throw new Error('no site');
    return site;
  }
  const deps = (more: Partial<RequestDeps> = {}): RequestDeps => ({
    db: world.db,
    requests: makeCloudflareRequests(world.cloudflare),
    readings: makeAccountRounds(world.db, world.account.id, 'requests'),
    accountId: world.account.id,
    clock: systemClock,
    log: silentLog,
    owner: 'one',
    pauseMs: 0,
    retentionDays: 7,
    keep: { ipv4: 24, ipv6: 48 },
    rowsPerDay: 50_000,
    ...more,
  });
  async function read(more: Partial<RequestDeps> = {}): Promise<void> {
    const all = deps(more);
    await all.readings.untilDueMs();
    await world.db.pool.query('update account_rounds set due_at = now()');
    const { accountId, clock, log, owner, readings } = all;
    const common = { accountId, clock, log, owner, readings, queues: undefined, metrics: makeMetrics() };
    const ready = Promise.resolve();
    await readWhenDue(
      { ...common, what: 'requests', ready, everyMs: 300_000, read: (ending) => readAllRequests(all, ending) },
      signal,
    );
  }
  const visit = (domain: string, at: string, more = {}) =>
    world.control.addVisit(domain, { at, status: 200, bytes: 1000, address: '192.0.2.77', country: 'DE', ...more });
  const rows = async () =>
    (
      await world.db.pool.query<{ path: string; requests: number; network: string }>(
        'select path, requests, network::text, status, country, host, method from site_requests order by at, nr',
      )
    ).rows;
  const paths = async () => (await rows()).map(({ path }) => path);
  const state = async () =>
    (
      await world.db.pool.query(
        'select gives, skipped_at is not null as skipped, day_rows as "dayRows" from zone_requests',
      )
    ).rows[0];
  const problem = async () => (await world.db.pool.query('select problem from account_rounds')).rows[0]?.problem;
  const queries = async () => (await world.control.callCounts())['POST /graphql'] ?? 0;
  const noMatterWhen = () => world.db.pool.query(`update zone_requests set read_at = read_at - interval '1 hour'`);

  test('writes down what visitors asked for, with their addresses shortened', async () => {
    const { domain } = await one();
    await visit(domain, minutesAgo(30), { path: '/prices', status: 404, country: 'AT', method: 'POST' });
    await visit(domain, minutesAgo(20), { path: '/six', address: '2001:db8:1:2::3' });
    await visit(domain, minutesAgo(20), { path: '/.well-known/berth/abc' });
    await read();
    expect(await rows()).toEqual([
      {
        path: '/prices',
        requests: 1,
        network: '192.0.2.0/24',
        status: 404,
        country: 'AT',
        host: domain,
        method: 'POST',
      },
      expect.objectContaining({ path: '/six', network: '2001:db8:1::/48' }),
    ]);
  });

  test('keeps as much of addresses as it is told to, and nothing when told so', async () => {
    const { domain } = await one();
    await visit(domain, minutesAgo(30));
    await read({ keep: { ipv4: 0, ipv6: 0 } });
    expect(await rows()).toMatchObject([{ network: null }]);
  });

  test('writes nothing twice, and what comes late once', async () => {
    const { domain } = await one();
    const at = minutesAgo(1);
    await visit(domain, at, { path: '/early' });
    await read();
    await visit(domain, at, { path: '/early' });
    await visit(domain, minutesAgo(4), { path: '/late' });
    await read();
    await read();
    expect(await rows()).toMatchObject([
      { path: '/late', requests: 1 },
      { path: '/early', requests: 2 },
    ]);
  });

  test('does not look again at what was settled when it was read', async () => {
    const { domain } = await one();
    await visit(domain, minutesAgo(60), { path: '/known' });
    await read();
    await visit(domain, minutesAgo(60), { path: '/made-up' });
    await read();
    expect(await paths()).toEqual(['/known']);
  });

  test('goes on where it ended after a time away', async () => {
    const { domain } = await one();
    await read();
    await world.db.pool.query(
      `update zone_requests set read_until = now() - interval '90 minutes', read_at = now() - interval '90 minutes'`,
    );
    await visit(domain, minutesAgo(80), { path: '/meanwhile' });
    await visit(domain, minutesAgo(110), { path: '/before' });
    await read();
    expect(await paths()).toEqual(['/meanwhile']);
  });

  test('reads days that were missed piece by piece, seven of them at most', async () => {
    const { domain } = await one();
    await world.db.pool.query(`update sites set created_at = now() - interval '20 days' where gone_at is null`);
    await visit(domain, ago(6.9 * DAY_MS), { path: '/a' });
    await visit(domain, ago(3 * DAY_MS), { path: '/b' });
    await visit(domain, minutesAgo(30), { path: '/c' });
    for (let n = 0; n < 8; n += 1) {
      await read();
      await noMatterWhen();
    }
    expect(await paths()).toEqual(['/a', '/b', '/c']);
  });

  test('goes through a busy zone answer by answer, without a gap', async () => {
    const { domain } = await one();
    // From one moment: time goes on between the calls, and two seconds could become the same one.
    const hourAgo = Date.now() - 3_600_000;
    for (let n = 0; n < 9; n += 1) {
      await visit(domain, new Date(hourAgo - n * 1000).toISOString(), { path: `/${n}` });
    }
    await read({ limit: 4 });
    expect((await paths()).reverse()).toEqual(['/0', '/1', '/2', '/3', '/4', '/5', '/6', '/7', '/8']);
    expect(await state()).toMatchObject({ skipped: false });
  });

  test('leaves what it has no turn for to the next reading', async () => {
    const { domain } = await one();
    for (let n = 0; n < 12; n += 1) await visit(domain, ago(3_600_000 - n * 1000), { path: `/${n}` });
    await read({ limit: 2 });
    const first = (await paths()).length;
    expect(first).toBeLessThan(12);
    for (let n = 0; n < 3; n += 1) await read({ limit: 2 });
    expect(await paths()).toEqual(Array.from({ length: 12 }, (_, n) => `/${n}`));
  });

  test('keeps so many rows of a day, and says that others were left out', async () => {
    const { domain } = await one();
    // At noon of the day before: now may be a moment after midnight, and what was before then belongs to another day.
    const noon = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS / 2;
    const at = (minutes: number) => new Date(noon + minutes * 60_000);
    const readAt = (minutes: number) => read({ rowsPerDay: 1, clock: { ...systemClock, date: () => at(minutes) } });
    await world.db.pool.query('update sites set created_at = $1 where gone_at is null', [at(-60)]);
    await visit(domain, at(-2).toISOString(), { path: '/kept' });
    await readAt(0);
    expect(await state()).toMatchObject({ skipped: false, dayRows: 1 });
    await visit(domain, at(5).toISOString(), { path: '/beyond' });
    await readAt(10);
    expect(await paths()).toEqual(['/kept']);
    expect(await state()).toMatchObject({ skipped: true });
  });

  test('counts requests of a busy zone as what they stand for', async () => {
    const { domain } = await one();
    await world.control.setSampling(domain, 5);
    for (let n = 0; n < 10; n += 1) await visit(domain, minutesAgo(30), { path: '/same' });
    await read();
    expect((await rows()).reduce((sum, { requests }) => sum + requests, 0)).toBe(10);
  });

  test('asks for ten zones at once, and leaves out those that push their whole log', async () => {
    const sites = await active(12);
    await world.db.pool.query(
      `insert into zone_logpush (zone_id, state) select zone_id, 'on' from sites where gone_at is null and id = $1`,
      [sites[0]?.siteId],
    );
    await read();
    expect(await queries()).toBeLessThanOrEqual(12);
    const { rows: read_ } = await world.db.pool.query('select count(*)::int as zones from zone_requests');
    expect(read_).toEqual([{ zones: 11 }]);
    await world.control.clearCalls();
    await read();
    expect(await queries()).toBe(2);
  });

  test('keeps requests of the names of a site alone', async () => {
    const { domain } = await one();
    await visit(domain, minutesAgo(30), { host: `intranet.${domain}`, path: '/not-ours' });
    await visit(domain, minutesAgo(30), { host: `www.${domain}`, path: '/ours' });
    await read();
    expect(await paths()).toEqual(['/ours']);
  });

  test('finds out whose plan gives nothing, reads the others, and asks that one again after a day only', async () => {
    const [poor, rich] = await active(2);
    if (!poor || !rich) throw new Error('no sites');
    await world.control.setAnalytics(poor.domain, false);
    await visit(rich.domain, minutesAgo(30), { path: '/rich' });
    await read();
    expect(await paths()).toEqual(['/rich']);
    const { rows: gives } = await world.db.pool.query('select gives from zone_requests order by gives');
    expect(gives).toEqual([{ gives: 'nothing' }, { gives: 'sampled' }]);
    await world.control.clearCalls();
    await read();
    expect(await queries()).toBe(1);
    await world.control.setAnalytics(poor.domain, true);
    await visit(poor.domain, minutesAgo(30), { path: '/poor' });
    await world.db.pool.query(
      `update zone_requests set gives_at = now() - interval '25 hours' where gives = 'nothing'`,
    );
    await read();
    expect((await paths()).sort()).toEqual(['/poor', '/rich']);
  });

  test('goes on with the last hour of a zone that gives less far back than it should', async () => {
    await one();
    const requests: CloudflareRequests = { read: async () => ({ kind: 'too-far' }) };
    await read({ requests });
    expect(await state()).toMatchObject({ gives: 'sampled', skipped: true });
  });

  /** Cloudflare's answers without a zone, as if the token could not see it. */
  const without = (cfZoneId: string): CloudflareRequests => ({
    async read(ids, ...of) {
      const answer = await makeCloudflareRequests(world.cloudflare).read(ids, ...of);
      if (answer.kind !== 'read') return answer;
      return { kind: 'read', requests: new Map([...answer.requests].filter(([id]) => id !== cfZoneId)) };
    },
  });
  const zoneIdOf = async ({ domain }: OrderedSite) =>
    (await world.db.pool.query<{ id: string }>('select cf_zone_id as id from zones where name = $1', [domain])).rows[0]
      ?.id ?? '';

  test('lets others go first once it had its turn and was not in the answer', async () => {
    const [hidden, seen] = await active(2);
    if (!hidden || !seen) throw new Error('no sites');
    const cfZoneId = await zoneIdOf(hidden);
    const first = async () => (await listRequestZones(world.db, world.account.id, 7))[0]?.cfZoneId;
    await read();
    await world.db.pool.query(
      `update zone_requests r set read_at = now() - case z.cf_zone_id when $1 then interval '2 hours' else interval '1 hour' end
      from zones z where z.id = r.zone_id`,
      [cfZoneId],
    );
    expect(await first()).toBe(cfZoneId);
    await read({ requests: without(cfZoneId) });
    await world.db.pool.query(
      `update zone_requests r set read_at = read_at - interval '1 hour' from zones z where z.id = r.zone_id and z.cf_zone_id <> $1`,
      [cfZoneId],
    );
    expect(await first()).toBe(await zoneIdOf(seen));
  });

  test.each([
    ['a zone that was never read', []],
    ['what was not settled when it was read', ['/known']],
  ])('leaves nothing out of %s when it was not in several answers', async (_, before) => {
    const site = await one();
    const cfZoneId = await zoneIdOf(site);
    for (const path of before) {
      await visit(site.domain, minutesAgo(90), { path });
      await read();
      await world.db.pool.query(
        `update zone_requests set read_until = read_until - interval '1 hour', read_at = read_at - interval '1 hour'`,
      );
    }
    await visit(site.domain, minutesAgo(65), { path: '/late' });
    for (let n = 0; n < 3; n += 1) await read({ requests: without(cfZoneId) });
    await read();
    expect(await paths()).toEqual([...before, '/late']);
  });

  test('stops when the quota of queries is used up, and goes on later', async () => {
    const { domain } = await one();
    await visit(domain, minutesAgo(30), { path: '/patient' });
    await world.control.setQueryLimit(0);
    await read();
    expect(await problem()).toContain('quota');
    await world.control.setQueryLimit(300);
    await read();
    expect(await paths()).toEqual(['/patient']);
  });

  test.each(['5xx', 'html-5xx', 'lost-answer', 'cut', '429'] as const)('is tried again after %s', async (kind) => {
    const { domain } = await one();
    await visit(domain, minutesAgo(30), { path: '/again' });
    await world.control.misbehave({ method: 'POST', path: '^/graphql$', kind });
    await read();
    expect(await problem()).toEqual(expect.any(String));
    await world.db.pool.query('update cloudflare_accounts set blocked_until = null');
    await read();
    expect(await paths()).toEqual(['/again']);
  });

  test('loses nothing and writes nothing twice when it dies before or after any of its writes', async () => {
    const { domain } = await one();
    for (let n = 0; n < 6; n += 1) await visit(domain, ago(3_600_000 - n * 1000), { path: `/${n}` });
    await visit(domain, minutesAgo(1), { path: '/now' });
    for (let dies = 0; dies < 8; dies += 1) {
      let asked = 0;
      const whole = makeCloudflareRequests(world.cloudflare);
      const requests: CloudflareRequests = {
        async read(...of) {
          asked += 1;
          if (asked > dies % 3) throw new BerthError('cloudflare.unavailable', 'killed');
          return whole.read(...of);
        },
      };
      await read({ requests, limit: 3, owner: `${dies}` });
    }
    await read({ limit: 3 });
    await read({ limit: 3 });
    expect(await paths()).toEqual(['/0', '/1', '/2', '/3', '/4', '/5', '/now']);
    expect((await rows()).every(({ requests }) => requests === 1)).toBe(true);
  });

  test('writes rows and how far it read both or neither', async () => {
    const { domain } = await one();
    await visit(domain, minutesAgo(30), { path: '/kept' });
    await read();
    await world.db.pool.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
    );
    await world.db.pool.query(
      'create trigger refuse before insert or update on zone_requests for each row execute function refuse()',
    );
    await visit(domain, minutesAgo(1), { path: '/later' });
    await read();
    expect(await paths()).toEqual(['/kept']);
    await world.db.pool.query('drop trigger refuse on zone_requests');
    await world.db.pool.query('drop function refuse');
    await read();
    expect(await paths()).toEqual(['/kept', '/later']);
  });

  test('is done by one of two, and taken over when that one has died', async () => {
    await one();
    await read();
    await world.control.clearCalls();
    await world.db.pool.query(`update account_rounds set owner = 'dead', lease_until = now() + interval '1 minute'`);
    await read({ owner: 'two' });
    expect(await queries()).toBe(0);
    await world.db.pool.query('update account_rounds set lease_until = now()');
    await read({ owner: 'two' });
    expect(await queries()).toBe(1);
  });

  test('keeps requests for as many days as it is told to', async () => {
    await world.db.pool.query(
      `create table requests.day_20200101 partition of site_requests for values from ('2020-01-01 00:00+00') to ('2020-01-02 00:00+00')`,
    );
    // A day more than there were at the beginning: midnight may have passed since.
    expect(await dropOldRequests(world.db, 8)).toEqual(['day_20200101']);
  });
});
