import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HealthStanding } from '../domain/health.ts';
import { type LiveSite, makeLiveSites } from '../testing/live-sites.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { type Consequence, recordHealth, type SeenHealth } from './health.ts';
import { ensureHealthPartitions } from './health-partitions.ts';
import { readHealthTargets } from './read-health-targets.ts';

let made: TestDatabase;
let db: Database;
let sites: LiveSite[];

beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
  await ensureHealthPartitions(db);
  sites = await makeLiveSites(db, { host: 'one', keys: ['a', 'b', 'c', 'd', 'e', 'f'], firstPort: 3100 });
});
afterAll(async () => {
  await db.close();
  await made.drop();
});

const healthy: HealthStanding = {
  outcome: 'healthy',
  reason: '',
  code: 200,
  latencyMs: 12,
  error: null,
  failures: 0,
  failingSince: null,
  healthySince: 1000,
  word: 'running',
  connections: null,
  run: null,
  restarts: [],
  step: 0,
  restartAfter: null,
  restartedAt: null,
};

const at = (index: number): LiveSite => sites[index] as LiveSite;

function seen(site: LiveSite, more: Partial<HealthStanding> = {}, version = 0): SeenHealth {
  const { placementId, siteId } = site;
  const standing = { ...healthy, ...more };
  return {
    placementId,
    siteId,
    aspect: 'container',
    standing,
    version,
    containerId: null,
    restarted: 0,
    intervalMs: 60_000,
  };
}

const msOf = async (time: string): Promise<number> =>
  (await db.pool.query<{ ms: number }>(`select (extract(epoch from ${time}) * 1000)::float8 as ms`)).rows[0]?.ms ?? 0;

interface Look {
  swept?: boolean;
  /** now when absent */
  atMs?: number;
}
async function record(list: SeenHealth[], consequences: Consequence[] = [], more: Look = {}) {
  return (await recordAll(list, consequences, more)).hints;
}

async function recordAll(list: SeenHealth[], consequences: Consequence[] = [], more: Look = {}) {
  return recordHealth(db, {
    hostId: 'one',
    atMs: await msOf('now()'),
    swept: true,
    seen: list,
    consequences,
    openOfHost: [],
    closeOfHost: [],
    ...more,
  });
}

const standingOf = async ({ placementId }: LiveSite) =>
  (await readHealthTargets(db, 'one', [placementId])).targets[0]?.standings.container;

const rowsOf = async (text: string, site: LiveSite) => (await db.pool.query(text, [site.siteId])).rows;

describe('readHealthTargets', () => {
  test('calls a site what people call it: its domain, or its key where it has none', async () => {
    const [named, bare] = await makeLiveSites(db, { host: 'four', keys: ['named', 'bare'], firstPort: 3100 });
    await db.pool.query('update sites set wants_tunnel = false where id = $1', [bare?.siteId]);
    const { targets } = await readHealthTargets(db, 'four');
    const byPort = [...targets].sort((one, other) => one.port - other.port);
    expect(byPort).toMatchObject([
      { siteId: named?.siteId, siteKey: 'named', name: 'named.example', connector: { reached: true } },
      { siteId: bare?.siteId, siteKey: 'bare', name: 'bare', connector: null },
    ]);
  });
});

describe('recordHealth', () => {
  test('keeps how a placement stands, each check, and a sum for the hour', async () => {
    // Within one hour, also where one ends just now.
    const hourMs = await msOf(`date_trunc('hour', now())`);
    const ill = { outcome: 'unreachable', reason: 'Timeout', failures: 1, failingSince: 5000 } as const;
    await record([seen(at(0))], [], { atMs: hourMs + 1000 });
    await record([seen(at(0), ill, 1)], [], { atMs: hourMs + 2000 });
    expect(await standingOf(at(0))).toMatchObject({
      outcome: 'unreachable',
      failures: 1,
      failingSince: 5000,
      version: 2,
    });
    const checks = await db.pool.query('select outcome from health_checks where placement_id = $1 order by at', [
      at(0).placementId,
    ]);
    expect(checks.rows).toEqual([{ outcome: 'healthy' }, { outcome: 'unreachable' }]);
    expect(await rowsOf('select checks, failed, latency_ms_sum from health_hourly where site_id = $1', at(0))).toEqual([
      { checks: 2, failed: 1, latency_ms_sum: '12' },
    ]);
  });

  test('a look at single placements counts as no check', async () => {
    await record([seen(at(1))], [], { swept: false });
    expect(await standingOf(at(1))).toMatchObject({ outcome: 'healthy' });
    const { rows } = await db.pool.query('select from health_checks where placement_id = $1', [at(1).placementId]);
    expect(rows).toEqual([]);
  });

  test('writes nothing, and lets nothing follow, where somebody else was quicker', async () => {
    await record([seen(at(2))]);
    await record([seen(at(2), { failures: 7 }, 1)]);
    const hints = await record(
      [seen(at(2), { failures: 1 }, 1)],
      [{ placementId: at(2).placementId, siteId: at(2).siteId, aspect: 'container', restart: 'container' }],
    );
    expect(hints).toEqual([]);
    expect((await recordAll([seen(at(2), {}, 1)])).missed).toMatchObject([{ placementId: at(2).placementId }]);
    expect(await standingOf(at(2))).toMatchObject({ failures: 7 });
    expect(await rowsOf('select container_restart from sites where id = $1', at(2))).toEqual([
      { container_restart: 0 },
    ]);
  });

  test('raises the restart number as health, tells it on the timeline, and wakes the aspect of that placement', async () => {
    const { placementId, siteId } = at(3);
    const hints = await record(
      [seen(at(3))],
      [
        {
          placementId,
          siteId,
          aspect: 'container',
          restart: 'container',
          wakes: [{ aspect: 'container', placementId }],
          events: [
            { type: 'site.down', status: 'false', reason: 'Timeout', message: 'no answer', data: {} },
            { type: 'health.restarted', status: 'false', reason: 'Timeout', message: 'restarted', data: { step: 1 } },
          ],
          open: {
            kind: 'container-down',
            hostId: 'one',
            siteId,
            aspect: 'container',
            reason: 'Timeout',
            message: '',
            data: {},
            openedAt: 60_000,
          },
        },
      ],
    );
    expect(hints).toEqual([{ conditionId: expect.any(String), queue: 'container-one' }]);
    expect(await rowsOf('select container_restart, tunnel_restart, event_seq from sites where id = $1', at(3))).toEqual(
      [{ container_restart: 1, tunnel_restart: 0, event_seq: '2' }],
    );
    expect(await rowsOf('select kind, target, number, requested_by from operations where site_id = $1', at(3))).toEqual(
      [{ kind: 'restart', target: 'container', number: 1, requested_by: 'health' }],
    );
    expect(await rowsOf('select seq, type, aspect from site_events where site_id = $1 order by seq', at(3))).toEqual([
      { seq: '1', type: 'site.down', aspect: 'container' },
      { seq: '2', type: 'health.restarted', aspect: 'container' },
    ]);
    const { targets } = await readHealthTargets(db, 'one', [placementId]);
    expect(targets[0]).toMatchObject({ incidents: { container: 'container-down' }, container: { restarting: true } });
  });

  test('an incident that is open gets worse instead of being opened twice, and is closed once', async () => {
    const { placementId, siteId } = at(4);
    const incident = { hostId: 'one', siteId, aspect: 'container', reason: 'Exited', message: 'it ended', data: {} };
    const of = { placementId, siteId, aspect: 'container' } as const;
    await record([seen(at(4))], [{ ...of, open: { ...incident, kind: 'container-down', openedAt: 60_000 } }]);
    await record(
      [seen(at(4), {}, 1)],
      [{ ...of, open: { ...incident, kind: 'crash-looping', data: { restarts: 6 } } }],
    );
    await record([seen(at(4), {}, 2)], [{ ...of, close: { siteId, aspect: 'container', data: { restarts: 7 } } }]);
    await record([seen(at(4), {}, 3)], [{ ...of, close: { siteId, aspect: 'container', data: { restarts: 8 } } }]);
    expect(
      await rowsOf(
        'select kind, data, opened_at = to_timestamp(60) as kept, closed_at is not null as closed from incidents where site_id = $1',
        at(4),
      ),
    ).toEqual([{ kind: 'crash-looping', data: { restarts: 7 }, kept: true, closed: true }]);
  });

  test('an incident of what is not wanted any more is over', async () => {
    const [site] = await makeLiveSites(db, { host: 'three', keys: ['leaves'], firstPort: 3100 });
    if (!site) throw new Error('no site');
    const { placementId, siteId } = site;
    const open = {
      kind: 'tunnel-down',
      hostId: 'three',
      siteId,
      aspect: 'tunnel',
      reason: 'UnitFailed',
      message: '',
      data: {},
    };
    await record([seen(site)], [{ placementId, siteId, aspect: 'container', open }]);
    await record([]);
    const closed = 'select closed_at is not null as closed from incidents where site_id = $1';
    expect(await rowsOf(closed, site)).toEqual([{ closed: false }]);
    await db.pool.query('update sites set wants_tunnel = false where id = $1', [siteId]);
    await record([]);
    expect(await rowsOf(closed, site)).toEqual([{ closed: true }]);
  });

  test('follows nothing for a site that is leaving', async () => {
    const { placementId, siteId } = at(5);
    await db.pool.query(`update sites set wanted = 'deleted' where id = $1`, [siteId]);
    const hints = await record(
      [seen(at(5))],
      [
        {
          placementId,
          siteId,
          aspect: 'container',
          restart: 'container',
          wakes: [{ aspect: 'container', placementId }],
        },
      ],
    );
    expect(hints).toEqual([]);
    expect(await rowsOf('select container_restart from sites where id = $1', at(5))).toEqual([
      { container_restart: 0 },
    ]);
  });

  test("keeps the seed's columns", async () => {
    const [site] = await makeLiveSites(db, { host: 'two', keys: ['z'], firstPort: 3100 });
    if (!site) throw new Error('no site');
    await db.pool.query(
      `insert into customer_containers (container_id, container_name, image_name, port, site_id, placement_id) values ('c1', 'customer-z', 'i', 3100, $1, $2)`,
      [site.siteId, site.placementId],
    );
    await db.pool.query(
      `insert into customer_tunnels (tunnel_id, tunnel_name, domain, port, config_path, status, site_id, placement_id)
      values ('t1', 'customer-z', 'z.example', 3100, '/', 'active', $1, $2)`,
      [site.siteId, site.placementId],
    );
    const container = seen(site, { outcome: 'unhealthy', word: 'running', code: 503 });
    const tunnel = seen(site, { outcome: 'unreachable', word: 'failed', connections: 0 });
    await record([
      { ...container, containerId: 'c1' },
      { ...tunnel, aspect: 'tunnel' },
    ]);
    const both = `select c.health_status as container, c.status as state, c.last_health_check is not null as checked, t.status as tunnel,
      t.unit_status, t.health_status, t.connections, t.last_health_check is not null as tunnel_checked
      from customer_containers c join customer_tunnels t on t.site_id = c.site_id where c.site_id = $1`;
    expect(await rowsOf(both, site)).toEqual([
      {
        container: 'unhealthy',
        state: 'running',
        checked: true,
        tunnel: 'inactive',
        unit_status: 'failed',
        health_status: 'unreachable',
        connections: 0,
        tunnel_checked: true,
      },
    ]);
  });
});
