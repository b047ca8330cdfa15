import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeConditions } from '../testing/condition-rows.ts';
import { letHostsLast } from '../testing/let-hosts-last.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { registerHealth, registerHost } from './hosts.ts';
import { placeSite } from './place-sites.ts';
import { freePlacement } from './placements.ts';
import { makeProtocol, type Protocol } from './protocol.ts';
import { watchHosts } from './watch-hosts.ts';

const DOWN_SECONDS = 60;

describe('watchHosts', () => {
  let db: Database;
  let protocol: Protocol;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 20 });
    protocol = makeProtocol(db);
  });
  beforeEach(async () => {
    await db.pool.query(
      `truncate site_events, site_conditions, port_allocations, placements, incidents, host_events, hosts, releases, sites, orders,
        customers cascade`,
    );
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const register = (id: string, memoryBytes = 1e12) =>
    registerHost(db, {
      id,
      customerPorts: { start: 3100, end: 3199 },
      memoryBytes,
      cpus: 2,
      labels: {},
      versions: {},
    });
  const silence = (id: string, seconds = 1, column = 'lease_until') =>
    db.pool.query(`update hosts set ${column} = now() - $2::float8 * interval '1 s' where id = $1`, [id, seconds]);
  const incidents = async () =>
    (await db.pool.query('select host_id, kind, message, closed_at is null as open from incidents order by opened_at'))
      .rows;
  const moving = { downSeconds: DOWN_SECONDS, newTunnelSecret: () => 'another secret' };
  const watch = () => watchHosts(db, DOWN_SECONDS);

  /** a site on a host, all of whose conditions are settled; it has a tunnel's secret */
  async function settled(
    more: { live?: boolean } = {},
  ): Promise<{ siteId: string; conditionId: string; placementId: string }> {
    const [one] = await makeConditions(db, { aspect: 'placement' });
    if (!one) throw new Error('no site made');
    const placing = await placeSite(db, one.siteId);
    if (placing.kind !== 'placed') throw new Error(placing.kind);
    await db.pool.query(
      `insert into site_conditions (site_id, aspect, queue) select $1, a, 'edge' from unnest('{tunnel,route,reachable}'::text[]) a`,
      [one.siteId],
    );
    await db.pool.query(
      `update site_conditions set status = 'true', reason = 'Fine', due_at = null where site_id = $1`,
      [one.siteId],
    );
    await db.pool.query(
      `update sites set tunnel_secret_enc = 'first secret', live_at = case when $2 then now() end where id = $1`,
      [one.siteId, more.live ?? false],
    );
    return { ...one, placementId: placing.placement.placementId };
  }
  const placements = async (siteId: string) =>
    (
      await db.pool.query(
        'select host_id, wanted, gone_at is null as open from placements where site_id = $1 order by created_at',
        [siteId],
      )
    ).rows;
  const isDue = async (conditionId: string) =>
    (
      await db.pool.query('select coalesce(due_at <= now(), false) as due from site_conditions where id = $1', [
        conditionId,
      ])
    ).rows[0]?.due;

  test('opens one incident for a host that fell silent, and closes it when it is back, however often it looks', async () => {
    await register('alpha');
    await settled({ live: true });
    await settled();
    expect(await watch()).toEqual({ down: [], back: [], hints: [] });
    await silence('alpha', 1, 'connector_lease_until');
    expect(await watch()).toMatchObject({ down: [{ hostId: 'alpha' }], back: [] });
    expect(await watch()).toMatchObject({ down: [], back: [] });
    expect(await incidents()).toEqual([
      {
        host_id: 'alpha',
        kind: 'host-down',
        message: expect.stringMatching(
          /^no sign of life of its tunnel-worker since .+; 1 live site stays on it until it is back, 1 that was not live yet go/,
        ),
        open: true,
      },
    ]);
    await register('alpha');
    expect(await watch()).toMatchObject({ down: [], back: ['alpha'] });
    expect(await watch()).toMatchObject({ down: [], back: [] });
    await silence('alpha');
    await watch();
    expect((await incidents()).map(({ open }) => open)).toEqual([false, true]);
    const { rows } = await db.pool.query('select type from host_events order by created_at');
    expect(rows.map(({ type }) => type)).toEqual(['host.down', 'host.back', 'host.down']);
  });

  test('counts a site that went to another host already, and is live there, as none that stays', async () => {
    await register('alpha');
    await settled({ live: true });
    const moved = await settled();
    await register('beta');
    await silence('alpha', DOWN_SECONDS + 1);
    expect(await placeSite(db, moved.siteId, moving)).toMatchObject({ placement: { hostId: 'beta' } });
    await db.pool.query('update sites set live_at = now()');
    await watch();
    expect((await incidents()).map(({ message }) => message)).toEqual([
      expect.stringContaining('; 1 live site stays on it until it is back, 0 that were not live yet go to other hosts'),
    ]);
  });

  test('opens one incident when many look at the same moment', async () => {
    await register('alpha');
    await silence('alpha');
    await Promise.all(Array.from({ length: 10 }, watch));
    expect(await incidents()).toHaveLength(1);
  });

  test('says nothing of a host that was never whole, nor of one that was emptied and switched off', async () => {
    await register('alpha');
    await silence('alpha');
    await db.pool.query(`insert into hosts (id, connector_lease_until) values ('beta', now() - interval '1 hour')`);
    await db.pool.query(`update hosts set state = 'draining' where id = 'alpha'`);
    expect(await watch()).toMatchObject({ down: [] });
    await register('gamma');
    const { placementId } = await settled();
    await db.pool.query(`update hosts set state = 'draining' where id = 'gamma'`);
    await silence('gamma');
    expect(await watch()).toMatchObject({ down: [{ hostId: 'gamma' }] });
    await freePlacement(db, placementId, 0);
    expect(await watch()).toMatchObject({ back: ['gamma'] });
  });

  test('opens an incident of its own for a host whose sites nobody looks after, and still places on it', async () => {
    await register('alpha');
    await registerHealth(db, 'alpha');
    await settled();
    await silence('alpha', 10, 'health_lease_until');
    await watch();
    expect(await incidents()).toEqual([]);
    await silence('alpha', 61, 'health_lease_until');
    for (let looks = 0; looks < 2; looks += 1) await watch();
    const message = expect.stringMatching(/^no sign of life of its health-worker since .+; start the health-worker/);
    expect(await incidents()).toEqual([{ host_id: 'alpha', kind: 'host-unwatched', message, open: true }]);
    await settled();
    await registerHealth(db, 'alpha');
    await watch();
    expect((await incidents()).map(({ open }) => open)).toEqual([false]);
  });

  test('says nothing of a health-worker whose host is down, is new, or was emptied', async () => {
    await register('alpha');
    await watch();
    expect(await incidents()).toEqual([]);
    await db.pool.query(`update hosts set registered_at = now() - interval '1 hour'`);
    await silence('alpha');
    await watch();
    expect((await incidents()).map(({ kind }) => kind)).toEqual(['host-down']);
    await register('alpha');
    await watch();
    expect((await incidents()).map(({ kind, open }) => [kind, open])).toEqual([
      ['host-down', false],
      ['host-unwatched', true],
    ]);
    await db.pool.query(`update hosts set state = 'draining'`);
    await watch();
    expect((await incidents()).map(({ open }) => open)).toEqual([false, false]);
  });

  test('has all that a host should have looked at when it is back, some at a time', async () => {
    await register('alpha');
    await letHostsLast(db);
    for (let n = 0; n < 60; n += 1) await settled({ live: true });
    await silence('alpha');
    await watch();
    await register('alpha');
    await watch();
    const { rows } = await db.pool.query(
      `select count(*)::int as n, extract(epoch from max(due_at) - min(due_at))::float8 as last from site_conditions
      where placement_id is not null and due_at is not null`,
    );
    expect(rows[0].n).toBe(120);
    expect(rows[0].last).toBeGreaterThan(1);
    expect(rows[0].last).toBeLessThan(2.5);
  });

  describe('has a site that is not live yet placed anew', () => {
    test('once its host has been down long enough and another takes sites', async () => {
      await register('alpha');
      const site = await settled();
      await silence('alpha', DOWN_SECONDS - 5);
      await register('beta', 1);
      await watch();
      expect(await isDue(site.conditionId)).toBe(false);
      await silence('alpha', DOWN_SECONDS + 1);
      await silence('beta');
      await watch();
      expect(await isDue(site.conditionId)).toBe(false);
      await register('beta');
      expect(await watch()).toMatchObject({ hints: [{ conditionId: site.conditionId, queue: 'domain' }] });
      expect(await isDue(site.conditionId)).toBe(true);
      expect(await placeSite(db, site.siteId, moving)).toMatchObject({ kind: 'placed', placement: { hostId: 'beta' } });
      expect(await placements(site.siteId)).toEqual([
        { host_id: 'alpha', wanted: 'gone', open: true },
        { host_id: 'beta', wanted: 'serving', open: true },
      ]);
    });

    test('but not one that has been live, nor one that leaves, nor one whose host came back meanwhile', async () => {
      await register('alpha');
      const live = await settled({ live: true });
      const leaving = await settled();
      await db.pool.query(`update sites set wanted = 'deleted' where id = $1`, [leaving.siteId]);
      const stays = await settled();
      await register('beta');
      await silence('alpha', DOWN_SECONDS + 1);
      await watch();
      expect(await isDue(live.conditionId)).toBe(false);
      expect(await isDue(leaving.conditionId)).toBe(false);
      await register('alpha');
      for (const { siteId } of [live, leaving, stays]) {
        expect(await placeSite(db, siteId, moving)).toMatchObject({ kind: 'placed', placement: { hostId: 'alpha' } });
        expect(await placements(siteId)).toHaveLength(1);
      }
      await silence('alpha', DOWN_SECONDS + 1);
      expect(await placeSite(db, live.siteId, moving)).toMatchObject({ placement: { hostId: 'alpha' } });
    });

    test('and leaves it where it is while no other host has room', async () => {
      await register('alpha');
      const site = await settled();
      await register('beta', 100e6);
      await silence('alpha', DOWN_SECONDS + 1);
      expect(await placeSite(db, site.siteId, moving)).toMatchObject({
        kind: 'host-down',
        placement: { hostId: 'alpha' },
      });
      expect(await placements(site.siteId)).toHaveLength(1);
      await db.pool.query(
        `update site_conditions set status = 'false', reason = 'HostDown', due_at = now() + interval '5 min' where id = $1`,
        [site.conditionId],
      );
      await watch();
      expect(await isDue(site.conditionId), 'nobody is called in vain').toBe(false);
      await register('beta');
      expect(await isDue(site.conditionId), 'room on another host calls it').toBe(true);
    });

    test('and lets it stay when its host comes back before another has room', async () => {
      await register('alpha');
      const site = await settled();
      await silence('alpha', DOWN_SECONDS + 1);
      await watch();
      await db.pool.query(
        `update site_conditions set status = 'false', reason = 'HostDown', due_at = now() + interval '5 min' where id = $1`,
        [site.conditionId],
      );
      await db.pool.query(`update hosts set lease_until = now() + interval '30 s'`);
      expect(await watch()).toMatchObject({ back: ['alpha'], hints: [{ conditionId: site.conditionId }] });
    });

    test('with another secret for its tunnel, and with nothing that its former host has served being counted', async () => {
      await register('alpha');
      const site = await settled();
      await register('beta');
      await silence('alpha', DOWN_SECONDS + 1);
      await protocol.wake(site.siteId, ['reachable']);
      const [probing] = await protocol.claimDue('edge', 'prober', 30_000, 1);
      if (!probing) throw new Error('nothing to probe');
      await placeSite(db, site.siteId, moving);
      const found = {
        status: 'true' as const,
        reason: 'Live',
        message: '',
        generation: 1,
        tries: 0,
        nextMs: null,
        gone: false,
      };
      expect(await protocol.record(probing, 'prober', found), 'its lease was taken away').toBeUndefined();
      const { rows } = await db.pool.query(
        `select tunnel_secret_enc, former_secret_enc, live_at,
          (select array_agg(e.type) from site_events e where e.site_id = s.id) as events from sites s where id = $1`,
        [site.siteId],
      );
      expect(rows[0]).toEqual({
        tunnel_secret_enc: 'another secret',
        former_secret_enc: 'first secret',
        live_at: null,
        events: ['placement.lost'],
      });
    });

    test('once, when many ask at the same moment', async () => {
      await register('alpha');
      const sites = [await settled(), await settled(), await settled()];
      await register('beta');
      await register('gamma');
      await silence('alpha', DOWN_SECONDS + 1);
      await Promise.all(sites.flatMap(({ siteId }) => Array.from({ length: 6 }, () => placeSite(db, siteId, moving))));
      for (const { siteId } of sites) {
        expect(await placements(siteId)).toMatchObject([{ host_id: 'alpha', wanted: 'gone' }, { wanted: 'serving' }]);
      }
    });

    test('and never on a host where something of it is left', async () => {
      await register('alpha');
      const site = await settled();
      await silence('alpha', DOWN_SECONDS + 1);
      await register('beta');
      await placeSite(db, site.siteId, moving);
      await silence('beta', DOWN_SECONDS + 1);
      await register('alpha');
      expect(await placeSite(db, site.siteId, moving)).toMatchObject({
        kind: 'host-down',
        placement: { hostId: 'beta' },
      });
    });
  });
});
