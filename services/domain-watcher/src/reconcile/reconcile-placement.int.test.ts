import { noHints } from '@berth/shared/runtime/hints';
import type { Database } from '@berth/shared/store/database';
import { registerHost } from '@berth/shared/store/hosts';
import { placeSite } from '@berth/shared/store/place-sites';
import { findOpenPlacements, replacePlacementPort } from '@berth/shared/store/placements';
import { untilBlocked } from '@berth/shared/testing/blocked-statements';
import type { Effects } from '@berth/shared/testing/effects';
import { exerciseReconciler, type World } from '@berth/shared/testing/exercise-reconciler';
import { stillWork } from '@berth/shared/testing/still-work';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';
import { makeReconcilePlacement } from './reconcile-placement.ts';

const REST_SECONDS = 600;

describe('reconcilePlacement', () => {
  let world: WatcherWorld;

  beforeAll(async () => {
    world = await makeWatcherWorld({ portRestSeconds: REST_SECONDS });
  });
  beforeEach(async () => {
    await world.db.pool.query(
      `truncate site_events, site_hostnames, site_conditions, port_allocations, placements, hosts, sites, orders,
        customers, zones, idempotency_keys cascade`,
    );
  });
  afterAll(() => world.close());

  const register = (id: string, start: number, end: number) =>
    registerHost(world.db, {
      id,
      customerPorts: { start, end },
      memoryBytes: 1e12,
      cpus: 2,
      labels: {},
      versions: {},
    });
  const shift = (statement: string) => world.db.pool.query(statement);
  /** A site whose zone is active, so that it wants a place. */
  async function ordered(more: Parameters<WatcherWorld['order']>[0] = {}): Promise<OrderedSite> {
    const site = await world.order(more);
    await world.db.pool.query(
      `update site_conditions set reached_at = now(), status = 'true', due_at = null where site_id = $1 and aspect = 'zone'`,
      [site.siteId],
    );
    await world.wake(site, 'placement');
    await world.settle();
    return site;
  }
  const condition = (site: OrderedSite) => world.condition(site, 'placement');
  async function placeOf(site: OrderedSite): Promise<{ host_id: string; port: number } | undefined> {
    const { rows } = await world.db.pool.query(
      'select host_id, port from placements where site_id = $1 and gone_at is null',
      [site.siteId],
    );
    expect(rows.length).toBeLessThanOrEqual(1);
    return rows[0];
  }
  async function leave(site: OrderedSite): Promise<void> {
    await world.leave(site);
    await world.settle();
    expect(await condition(site)).toMatchObject({ reason: 'PortFreed', gone: true });
  }

  test('gives a site the lowest free port of the customers, on the host with most memory free', async () => {
    await register('alpha', 3100, 3110);
    await register('beta', 3200, 3210);
    const sites = [await ordered(), await ordered(), await ordered()];
    expect(await Promise.all(sites.map(placeOf))).toEqual([
      { host_id: 'alpha', port: 3100 },
      { host_id: 'beta', port: 3200 },
      { host_id: 'alpha', port: 3101 },
    ]);
    expect(await condition(sites[0] as OrderedSite)).toMatchObject({
      status: 'true',
      reason: 'Placed',
      message: 'on host alpha, port 3100',
    });
  });

  test('gives staging a port from 3000 to 3099', async () => {
    await register('alpha', 3100, 3110);
    expect(await placeOf(await ordered({ environment: 'staging' }))).toEqual({ host_id: 'alpha', port: 3000 });
  });

  test('gives the wished port, and says when it is taken', async () => {
    await register('alpha', 3100, 3110);
    const first = await ordered({ wishedPort: 3105 });
    expect(await placeOf(first)).toMatchObject({ port: 3105 });
    const second = await ordered({ wishedPort: 3105 });
    expect(await condition(second)).toMatchObject({
      status: 'false',
      reason: 'WishedPortTaken',
      message: 'port 3105 is taken on every host that is ready',
    });
    expect(await placeOf(second)).toBeUndefined();
    await leave(first);
    await shift(`update port_allocations set rest_until = now()`);
    await shift(`update site_conditions set due_at = now() where reason = 'WishedPortTaken'`);
    await world.settle();
    expect(await placeOf(second)).toMatchObject({ port: 3105 });
  });

  test('waits without a host, and goes on by itself once one registers', async () => {
    const site = await ordered();
    expect(await condition(site)).toMatchObject({ status: 'false', reason: 'NoHostReady' });
    await register('alpha', 3100, 3110);
    await world.settle();
    expect(await condition(site)).toMatchObject({ status: 'true', reason: 'Placed' });
  });

  test('takes no host that gives no sign of life, nor one that is being emptied', async () => {
    await register('alpha', 3100, 3110);
    await register('beta', 3200, 3210);
    await shift(`update hosts set lease_until = now() - interval '1 s' where id = 'alpha'`);
    expect(await placeOf(await ordered())).toMatchObject({ host_id: 'beta' });
    await shift(`update hosts set state = 'draining' where id = 'beta'`);
    expect((await condition(await ordered())).reason).toBe('NoHostReady');
  });

  test('waits when all ports are taken, and goes on when one that was freed has rested', async () => {
    await register('alpha', 3100, 3100);
    const first = await ordered();
    const second = await ordered();
    expect(await condition(second)).toMatchObject({ status: 'false', reason: 'NoAvailablePorts' });
    await leave(first);
    const waiting = await condition(second);
    expect(waiting.reason).toBe('NoAvailablePorts');
    expect(waiting.dueInMs).toBeGreaterThan(0);
    expect(waiting.dueInMs).toBeLessThanOrEqual(REST_SECONDS * 1000);
    await shift(`update port_allocations set rest_until = rest_until - interval '${REST_SECONDS} s'`);
    await shift(`update site_conditions set due_at = due_at - interval '${REST_SECONDS} s'`);
    await world.settle();
    expect(await placeOf(second)).toMatchObject({ port: 3100 });
  });

  test('waits when no host has memory for it, and goes on when some is freed, while the port still rests', async () => {
    await register('alpha', 3100, 3110);
    const first = await ordered();
    await shift(`update hosts set memory_bytes = 600 * 1024 * 1024`);
    const second = await ordered();
    expect(await condition(second)).toMatchObject({
      status: 'false',
      reason: 'NoMemory',
      message: 'no host has 557 MB of memory left; the site goes on when some is freed or a host is added',
    });
    await leave(first);
    expect(await placeOf(second)).toMatchObject({ port: 3101 });
  });

  test('looks again when the resting port of a host that is ready may be taken, whatever a dead host has free', async () => {
    await register('alpha', 3100, 3100);
    await register('dead', 3200, 3201);
    await shift(`update port_allocations set rest_until = now() - interval '1 hour' where host_id = 'dead'`);
    await shift(`update hosts set lease_until = now() - interval '1 s' where id = 'dead'`);
    const first = await ordered();
    const full = await condition(await ordered());
    expect(full.reason).toBe('NoAvailablePorts');
    expect(full.dueInMs).toBeGreaterThan(60_000);
    await leave(first);
    const resting = await condition(await ordered());
    expect(resting.dueInMs).toBeGreaterThan((REST_SECONDS - 60) * 1000);
    expect(resting.dueInMs).toBeLessThanOrEqual(REST_SECONDS * 1000);
  });

  test('places a site that is not live yet anew when its host is down, and frees its numbers there once all is gone', async () => {
    await register('alpha', 3100, 3110);
    const site = await ordered();
    await shift(`update hosts set lease_until = now() - interval '61 s'`);
    await world.wake(site, 'placement');
    await world.settle();
    expect(await condition(site)).toMatchObject({
      status: 'false',
      reason: 'HostDown',
      message: 'host alpha gives no sign of life, and no other host has room for the site; start it, or add one',
    });
    await register('beta', 3200, 3210);
    await world.settle();
    expect(await condition(site)).toMatchObject({ status: 'true', message: 'on host beta, port 3200' });
    const taken = async () => (await shift('select port from port_allocations where placement_id is not null')).rows;
    expect(await taken()).toHaveLength(2);
    await world.wake(site, 'placement');
    await world.settle();
    expect(await taken(), 'something may be left there').toHaveLength(2);
    await shift(`update site_conditions set gone_at = now() where queue in ('container-alpha', 'connector-alpha')`);
    await world.wake(site, 'placement');
    await world.settle();
    expect(await taken()).toEqual([{ port: 3200 }]);
    expect(await condition(site)).toMatchObject({ status: 'true', message: 'on host beta, port 3200' });
  });

  test('says the port that a site has after a stranger was found at its first one', async () => {
    await register('alpha', 3100, 3110);
    const site = await ordered();
    const [placementId = ''] = await findOpenPlacements(world.db, site.siteId);
    await replacePlacementPort(world.db, placementId, 'customer');
    await world.settle();
    expect(await placeOf(site)).toEqual({ host_id: 'alpha', port: 3101 });
    expect(await condition(site)).toMatchObject({ status: 'true', message: 'on host alpha, port 3101' });
  });

  test('frees the port when the site leaves, for others after its rest', async () => {
    await register('alpha', 3100, 3101);
    const first = await ordered();
    await leave(first);
    expect(await placeOf(first)).toBeUndefined();
    const { rows } = await shift('select placement_id from port_allocations where port = 3100');
    expect(rows).toEqual([{ placement_id: null }]);
    expect(await placeOf(await ordered())).toMatchObject({ port: 3101 });
  });

  test('places a site once when two look at the same moment', async () => {
    await register('alpha', 3100, 3110);
    const site = await world.order();
    const reconcile = makeReconcilePlacement({
      db: world.db,
      hints: noHints,
      place: (siteId) => placeSite(world.db, siteId),
      portRestSeconds: 0,
    });
    const gate = await world.db.pool.connect();
    await gate.query('begin');
    await gate.query('select from sites where id = $1 for update', [site.siteId]);
    const looks = Array.from({ length: 8 }, () => reconcile(stillWork('placement', site.siteId)));
    await untilBlocked(world.db, 8);
    await gate.query('commit');
    gate.release();
    for (const outcome of await Promise.all(looks)) {
      expect(outcome).toMatchObject({ kind: 'settled', reason: 'Placed', message: 'on host alpha, port 3100' });
    }
    const { rows } = await shift('select count(*)::int as taken from port_allocations where placement_id is not null');
    expect(rows).toEqual([{ taken: 1 }]);
  });

  describe('exercised,', () => {
    exerciseReconciler({ makeWorld, pauseMs: 1 });
  });

  async function makeWorld(): Promise<World> {
    await shift('truncate port_allocations, placements, hosts cascade');
    await register('alpha', 3100, 3110);
    const strange = await ordered();
    const site = await world.order();
    const observe = async (siteId: string) => {
      const { rows } = await world.db.pool.query(
        `select a.port, a.host_id, p.wanted, p.gone_at is null as open,
          (select array_agg(c.queue order by c.queue) from site_conditions c where c.placement_id = p.id) as queues
        from placements p left join port_allocations a on a.placement_id = p.id where p.site_id = $1`,
        [siteId],
      );
      return rows.filter((row) => row.open || row.port);
    };
    return {
      reconcile: (effects) => {
        const db = countingCommits(world.db, effects);
        const place = (siteId: string) => placeSite(db, siteId);
        return makeReconcilePlacement({ db, hints: noHints, place, portRestSeconds: 0 })(
          stillWork('placement', site.siteId),
        );
      },
      observe: () => observe(site.siteId),
      async wantGone() {
        await world.db.pool.query("update sites set wanted = 'deleted' where id = $1", [site.siteId]);
      },
      observeStrangers: () => observe(strange.siteId),
      drifts: {},
      close: async () => undefined,
    };
  }
});

/** A database whose transactions are effects, as soon as they are committed, when something was written in them. */
function countingCommits(db: Database, effects: Effects): Database {
  const { committed } = effects.wrap({ committed: async () => undefined }, ['committed']);
  return {
    ...db,
    async transaction(work) {
      let writes = false;
      const result = await db.transaction((client) => {
        const query = client.query.bind(client) as (asked: { name?: string }) => Promise<unknown>;
        const noted = (asked: { name?: string }) => {
          writes ||= asked.name === 'placing-take' || asked.name === 'placements-free';
          return query(asked);
        };
        return work(new Proxy(client, { get: (of, name) => (name === 'query' ? noted : Reflect.get(of, name)) }));
      });
      if (writes) await committed();
      return result;
    },
  };
}
