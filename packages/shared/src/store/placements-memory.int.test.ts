import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeConditions } from '../testing/condition-rows.ts';
import { letHostsLast } from '../testing/let-hosts-last.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { registerHost } from './hosts.ts';
import { makePlacer, type Placing, placeSite } from './place-sites.ts';
import { freePlacement } from './placements.ts';
import { callWaiting, callWaitingWithin } from './waiting-sites.ts';

const MB = 1024 ** 2;
/** what a site of 512 MB takes, with its connector */
const SITE = 557 * MB;

describe('memory', () => {
  let db: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 20 });
  });
  beforeEach(async () => {
    await db.pool.query(
      'truncate site_conditions, port_allocations, placements, hosts, sites, orders, customers cascade',
    );
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const register = (id: string, memoryBytes: number, memoryOvercommit = 1) =>
    registerHost(db, {
      id,
      customerPorts: { start: 3100, end: 3999 },
      memoryBytes,
      memoryOvercommit,
      cpus: 2,
      labels: {},
      versions: {},
    });
  async function makeSites(count: number): Promise<string[]> {
    return (await makeConditions(db, { count, aspect: 'placement' })).map(({ siteId }) => siteId);
  }
  const makeSite = async () => (await makeSites(1))[0] ?? '';
  const hostOf = (placing: Placing) => (placing.kind === 'placed' ? placing.placement.hostId : placing.kind);
  const place = async () => hostOf(await placeSite(db, await makeSite()));
  /** sites that wait for memory, the first of them longest */
  async function makeWaiting(count: number, reason = 'NoMemory'): Promise<string[]> {
    const made = await makeConditions(db, { count, aspect: 'placement' });
    await db.pool.query(
      `update site_conditions c set due_at = now() + interval '5 min', status = 'false', reason = $2,
        changed_at = now() - interval '1 hour' + w.place * interval '1 second'
      from unnest($1::uuid[]) with ordinality as w (id, place) where c.id = w.id`,
      [made.map((one) => one.conditionId), reason],
    );
    return made.map((one) => one.conditionId);
  }
  const conditions = (hints: readonly { conditionId: string }[]) => hints.map((hint) => hint.conditionId).sort();

  test('is what chooses the host: the one with most of it free', async () => {
    await register('alpha', 4 * SITE);
    await register('beta', 5.5 * SITE);
    const hosts = [await place(), await place(), await place(), await place()];
    expect(hosts).toEqual(['beta', 'beta', 'alpha', 'beta']);
  });

  test('ends with the last whole site, its connector counted, times what may be promised', async () => {
    await register('alpha', 2 * SITE - 1);
    expect([await place(), await place()]).toEqual(['alpha', 'no-memory']);
    await register('alpha', 2 * SITE);
    expect([await place(), await place()]).toEqual(['alpha', 'no-memory']);
    await register('alpha', 2 * SITE, 1.5);
    expect([await place(), await place()]).toEqual(['alpha', 'no-memory']);
  });

  test('is counted by each site’s own limit', async () => {
    await register('alpha', 2100 * MB);
    const [large, small] = await makeSites(2);
    await db.pool.query('update sites set memory_bytes = $2 where id = $1', [large, 2048 * MB]);
    expect(await placeSite(db, large ?? '')).toMatchObject({ kind: 'placed' });
    expect(await placeSite(db, small ?? '')).toEqual({ kind: 'no-memory', bytes: SITE });
  });

  test('is counted by the parts that a site wants', async () => {
    await register('alpha', 600 * MB);
    const [tunnel, container] = await makeSites(2);
    await db.pool.query('update sites set wants_container = false where id = $1', [tunnel]);
    await db.pool.query('update sites set wants_tunnel = false where id = $1', [container]);
    expect(await placeSite(db, tunnel ?? '')).toMatchObject({ kind: 'placed' });
    expect(await placeSite(db, container ?? '')).toMatchObject({ kind: 'placed' });
    expect(await place()).toBe('no-memory');
  });

  test('is promised once, however many places are given at once by however many processes', async () => {
    await register('alpha', 20 * SITE);
    await register('beta', 13.5 * SITE);
    await letHostsLast(db);
    const sites = await makeSites(200);
    const placers = [makePlacer(db), makePlacer(db), makePlacer(db)];
    const answers = await Promise.all([
      ...sites.map((siteId, n) => placers[n % 3]?.(siteId)),
      ...sites.slice(0, 20).map((siteId) => placeSite(db, siteId)),
    ]);
    expect(new Set(answers.map((answer) => answer?.kind))).toEqual(new Set(['placed', 'no-memory']));
    const { rows } = await db.pool.query(
      'select host_id, count(*)::int as n, count(distinct port)::int as ports from placements group by host_id order by host_id',
    );
    expect(rows).toEqual([
      { host_id: 'alpha', n: 20, ports: 20 },
      { host_id: 'beta', n: 13, ports: 13 },
    ]);
  });

  test('that is freed calls those who wait longest, as many as it is enough for, while its port still rests', async () => {
    await register('alpha', 3 * SITE);
    const large = await makeSite();
    await db.pool.query('update sites set memory_bytes = $2 where id = $1', [large, 3 * SITE - 45 * MB]);
    const placing = await placeSite(db, large);
    const waiting = await makeWaiting(300);
    const called = await freePlacement(db, placing.kind === 'placed' ? placing.placement.placementId : '', 600);
    expect(conditions(called)).toEqual(waiting.slice(0, 3).sort());
    expect(await callWaiting(db), 'those who were called have it in hand').toEqual([]);
  });

  test('that is not enough for the one who waits longest goes to the next', async () => {
    await register('alpha', 2 * SITE);
    const [large, ...others] = await makeWaiting(4);
    await db.pool.query(
      'update sites s set memory_bytes = $2 from site_conditions c where c.site_id = s.id and c.id = $1',
      [large, 2 * SITE],
    );
    expect(conditions(await callWaiting(db))).toEqual(others.slice(0, 2).sort());
  });

  test('that a host brings calls as many as it takes, and once when two hosts come together', async () => {
    const waiting = await makeWaiting(40, 'NoHostReady');
    const called = await Promise.all([register('alpha', 5 * SITE), register('beta', 6 * SITE)]);
    expect(conditions(called.flat())).toEqual(waiting.slice(0, 11).sort());
    expect(await callWaiting(db)).toEqual([]);
  });

  test('is called for once, also by somebody who had begun before and waited for their turn', async () => {
    await makeWaiting(5, 'NoHostReady');
    await register('alpha', 0);
    await db.pool.query('update hosts set memory_bytes = $1', [3 * SITE]);
    const later = await db.transaction(async (client) => {
      await client.query('select now()');
      expect(await callWaiting(db)).toHaveLength(3);
      return callWaitingWithin(client);
    });
    expect(later).toEqual([]);
  });

  test('calls nobody to hosts without a port', async () => {
    await register('alpha', 9 * SITE);
    const [staging] = await makeWaiting(3);
    await db.pool.query(
      `update sites s set environment = 'staging' from site_conditions c where c.site_id = s.id and c.id = $1`,
      [staging],
    );
    await db.pool.query(`update port_allocations set pool = 'retired' where pool = 'customer'`);
    expect(conditions(await callWaiting(db))).toEqual([staging]);
  });
});
