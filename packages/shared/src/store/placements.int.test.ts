import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeConditions } from '../testing/condition-rows.ts';
import { letHostsLast } from '../testing/let-hosts-last.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { registerHost } from './hosts.ts';
import { makePlacer, type Placed, type Placing, placeSite } from './place-sites.ts';
import { freePlacement, replacePlacementPort } from './placements.ts';

const customerPorts = { start: 3100, end: 3999 };

describe('placements', () => {
  let db: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 30 });
  });
  beforeEach(async () => {
    await db.pool.query(
      'truncate site_conditions, port_allocations, placements, hosts, sites, orders, customers cascade',
    );
    await register('alpha');
    await letHostsLast(db);
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const register = (id: string, ports = customerPorts) =>
    registerHost(db, { id, customerPorts: ports, memoryBytes: 1e12, cpus: 2, labels: {}, versions: {} });
  const sites = async (count: number) => makeConditions(db, { count, aspect: 'placement' });
  const oneSite = async () => {
    const [one] = await sites(1);
    if (!one) throw new Error('no site made');
    return one;
  };
  const placed = (placing: Placing): Placed => {
    if (placing.kind !== 'placed') throw new Error(`not placed: ${placing.kind}`);
    return placing.placement;
  };
  const place = async (siteId: string) => placed(await placeSite(db, siteId));

  test('give 900 sites at once 900 different ports, and the 901st one as soon as one is free', async () => {
    const many = await sites(900);
    const placer = makePlacer(db);
    const results = (await Promise.all(many.map(({ siteId }) => placer(siteId)))).map(placed);
    expect(new Set(results.map((one) => one.port)).size).toBe(900);
    expect(new Set(results.map((one) => one.slot)).size).toBe(900);

    const late = await oneSite();
    expect(await placeSite(db, late.siteId)).toEqual({ kind: 'no-port', retryMs: undefined });
    await db.pool.query(
      "update site_conditions set reason = 'NoAvailablePorts', status = 'false', due_at = null where id = $1",
      [late.conditionId],
    );
    const [leaving] = results;
    const hints = await freePlacement(db, leaving?.placementId ?? '', 0);
    expect(hints).toEqual([{ conditionId: late.conditionId, queue: 'domain' }]);
    expect((await place(late.siteId)).port).toBe(leaving?.port);
  });

  test('give one site one placement, however often it is asked for at once', async () => {
    const { siteId } = await oneSite();
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => place(siteId)));
    const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.placementId] : []));
    expect(new Set(ids).size).toBe(1);
    const { rows } = await db.pool.query(
      'select count(*)::int as n from port_allocations where placement_id is not null',
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('make the conditions of the placement, for the queues of its host', async () => {
    const { siteId } = await oneSite();
    await place(siteId);
    const { rows } = await db.pool.query(
      'select aspect, queue from site_conditions where placement_id is not null order by aspect',
    );
    expect(rows).toEqual([
      { aspect: 'connector', queue: 'connector-alpha' },
      { aspect: 'container', queue: 'container-alpha' },
    ]);
  });

  test('let a freed port rest', async () => {
    const first = await oneSite();
    const { placementId, port } = await place(first.siteId);
    await freePlacement(db, placementId, 600);
    const next = await oneSite();
    expect((await place(next.siteId)).port).not.toBe(port);
  });

  test('say when the next port has rested once none is left', async () => {
    await register('alpha', { start: 3100, end: 3100 });
    const { placementId } = await place((await oneSite()).siteId);
    await freePlacement(db, placementId, 60);
    const answer = await placeSite(db, (await oneSite()).siteId);
    expect(answer).toMatchObject({ kind: 'no-port' });
    expect(answer.kind === 'no-port' && answer.retryMs).toBeGreaterThan(50_000);
  });

  test('say that one may be had at once whose rest ended while it was looked for', async () => {
    await register('alpha', { start: 3100, end: 3100 });
    const { placementId, port } = await place((await oneSite()).siteId);
    await freePlacement(db, placementId, 60);
    const { siteId } = await oneSite();
    const afterwards = 'update port_allocations set rest_until = now() where port = $1';
    const racing: Database = {
      ...db,
      async transaction(work) {
        const answer = await db.transaction(work);
        await db.pool.query(afterwards, [port]);
        return answer;
      },
    };
    expect(await placeSite(racing, siteId)).toEqual({ kind: 'no-port', retryMs: 100 });
    expect((await place(siteId)).port).toBe(port);
  });

  test('wait for no port of a host where something of the site is still left', async () => {
    await register('alpha', { start: 3100, end: 3100 });
    await register('beta', { start: 3100, end: 3100 });
    await letHostsLast(db);
    const { siteId } = await oneSite();
    const former = await place(siteId);
    await place((await oneSite()).siteId);
    await db.pool.query(`update placements set wanted = 'gone' where id = $1`, [former.placementId]);
    await db.pool.query('update port_allocations set placement_id = null where placement_id = $1', [
      former.placementId,
    ]);
    expect(await placeSite(db, siteId)).toEqual({ kind: 'no-port', retryMs: undefined });
  });

  test('take a port of 3000 to 3099 for staging', async () => {
    const { siteId } = await oneSite();
    await db.pool.query("update sites set environment = 'staging' where id = $1", [siteId]);
    const { port } = placed(await placeSite(db, siteId));
    expect(port).toBeGreaterThanOrEqual(3000);
    expect(port).toBeLessThan(3100);
  });

  test('give the wished port, and say so when it is taken', async () => {
    const [first, second] = await sites(2);
    await db.pool.query('update sites set wished_port = 3555');
    expect((await place(first?.siteId ?? '')).port).toBe(3555);
    expect(await placeSite(db, second?.siteId ?? '')).toEqual({ kind: 'port-taken', port: 3555 });
  });

  test('say that no host is ready when none has given a sign of life', async () => {
    await db.pool.query("update hosts set lease_until = now() - interval '1 s'");
    expect(await placeSite(db, (await oneSite()).siteId)).toEqual({ kind: 'no-host' });
  });

  test('leave out a site that is to be deleted', async () => {
    const { siteId } = await oneSite();
    await db.pool.query("update sites set wanted = 'deleted' where id = $1", [siteId]);
    expect((await placeSite(db, siteId)).kind).toBe('not-wanted');
  });

  test('change to another port when a stranger holds the first, and leave that one alone', async () => {
    const { siteId } = await oneSite();
    const before = await place(siteId);
    const moved = await replacePlacementPort(db, before.placementId, 'customer');
    expect(moved?.placement).toMatchObject({ placementId: before.placementId, hostId: 'alpha' });
    expect(moved?.placement.port).not.toBe(before.port);
    expect(moved?.hints.map((hint) => hint.queue).sort()).toEqual(['connector-alpha', 'container-alpha', 'domain']);
    expect((await place((await oneSite()).siteId)).port).not.toBe(before.port);
  });

  test('keep a site on its port when the host comes back with another range', async () => {
    const { siteId } = await oneSite();
    const before = await place(siteId);
    await register('alpha', { start: 3500, end: 3600 });
    expect((await place(siteId)).port).toBe(before.port);
    expect((await place((await oneSite()).siteId)).port).toBe(3500);
  });
});
