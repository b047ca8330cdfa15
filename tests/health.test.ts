import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let services: TestServices;
let api: ApiClient;

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
const METRICS_ADDRESS = '127.0.0.1:18441';
const run = promisify(execFile);

beforeAll(async () => {
  world = await openWorld({
    settings: {
      CHECK_INTERVAL_SECONDS: '1',
      HEALTH_TIMEOUT_SECONDS: '1',
      HEALTH_START_SECONDS: '1',
      EDGE_CHECK_SECONDS: '1',
      METRICS_ADDRESS,
    },
  });
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
  for (const id of KEYS) await api.order({ orderId: id, domain: `${id}-health.de`, customer: { id } });
  for (const id of KEYS) await api.untilState(id, 'online');
  await until('all are well', async () => {
    const well = await rows(
      `select from site_health where outcome = 'healthy' and coalesce(connections, 4) = 4 and failures = 0`,
    );
    return well.length === 3 * KEYS.length;
  });
});

afterAll(async () => {
  await services?.stop();
  await world?.close();
});

async function rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await world.db.pool.query<Row>(text, values)).rows;
}

const systemctl = (...args: string[]) => run(world.environment.SYSTEMCTL_PATH ?? '', args);
const docker = () => new Docker({ socketPath: world.simulators.docker.socketPath });
const dockerKill = (name: string) => docker().getContainer(name).kill();
const dockerRemove = (name: string) => docker().getContainer(name).remove({ force: true });
const unitOf = (key: string) => `cloudflared-customer-${key}.service`;

/** The aspect's row of a site. */
async function healthOf(key: string, aspect: string) {
  const [row] = await rows<{
    outcome: string;
    reason: string;
    word: string;
    connections: number;
    step: number;
    failures: number;
    run: string;
  }>('select h.* from site_health h join sites s on s.id = h.site_id where s.key = $1 and h.aspect = $2', [
    key,
    aspect,
  ]);
  return row;
}

const untilHealth = (key: string, aspect: string, outcome: string) =>
  until(`the ${aspect} of ${key} is ${outcome}`, async () => (await healthOf(key, aspect))?.outcome === outcome);

const incidentsOf = (key: string) =>
  rows<{ kind: string; reason: string; message: string; closed: boolean; data: Record<string, unknown> }>(
    `select i.kind, i.reason, i.message, i.data, i.closed_at is not null as closed from incidents i join sites s on s.id = i.site_id
    where s.key = $1 order by i.opened_at`,
    [key],
  );

const untilClosed = (key: string) =>
  until(`the incident of ${key} is over`, async () => {
    const found = await incidentsOf(key);
    return found.length > 0 && found.every(({ closed }) => closed) && found;
  });

const untilNothingIsOpen = (key: string) =>
  until(`no incident of ${key} is open`, async () => (await incidentsOf(key)).every(({ closed }) => closed));

/** A look that has read the loop's starts before they are forgotten writes nothing; what Docker told may come late. */
const untilLoopIsOver = (key: string) =>
  until(`the loop of ${key} is over`, async () => {
    await rows(
      `update site_health h set restarts = '[]', failures = 0, version = version + 1 from sites s
      where s.id = h.site_id and s.key = $1 and jsonb_array_length(h.restarts) > 5`,
      [key],
    );
    return (await incidentsOf(key)).every(({ closed }) => closed);
  });

/** What was asked just before Cloudflare's answer changed isn't asked again for minutes: after some seconds it's let age. */
const letZoneAge = (key: string) =>
  rows(
    `with aged as (update zones set checked_at = now() - interval '5 minutes'
      where name = $2 and checked_at between now() - interval '4 minutes' and now() - interval '5 seconds')
    update site_conditions c set due_at = now() from sites s
    where s.id = c.site_id and s.key = $1 and c.aspect = 'zone' and c.due_at > now() + interval '1 minute'`,
    [key, `${key}-health.de`],
  );

const eventsOf = async (key: string) =>
  (
    await rows<{ type: string }>(
      `select e.type from site_events e join sites s on s.id = e.site_id where s.key = $1
      and (e.type like 'health.%' or e.type in ('site.down', 'site.recovered')) order by e.seq`,
      [key],
    )
  ).map(({ type }) => type);

const restartsOf = (key: string) =>
  rows<{ target: string; requested_by: string }>(
    `select o.target, o.requested_by from operations o join sites s on s.id = o.site_id where s.key = $1 and o.kind = 'restart'`,
    [key],
  );

describe('the health-worker', () => {
  test('keeps how every container and tunnel stands, also in the tables of the seed', async () => {
    for (const key of KEYS) {
      expect(await healthOf(key, 'container')).toMatchObject({ outcome: 'healthy', word: 'running', code: 200 });
      expect(await healthOf(key, 'tunnel')).toMatchObject({ outcome: 'healthy', word: 'active', connections: 4 });
    }
    expect(
      await rows(
        `select distinct t.status, t.unit_status, t.health_status as tunnel, c.health_status as container, c.last_health_check is not null as at
        from customer_tunnels t join customer_containers c on c.site_id = t.site_id`,
      ),
    ).toEqual([{ status: 'active', unit_status: 'active', tunnel: 'healthy', container: 'healthy', at: true }]);
  });

  test('restarts a container that hangs, tells it once, and only that container', async () => {
    world.simulators.docker.control.hangContainer('customer-a');
    expect(await untilClosed('a')).toMatchObject([
      {
        kind: 'container-down',
        reason: 'Timeout',
        message: 'a-health.de: the container: /health did not answer in time',
        data: { restarts: 1 },
      },
    ]);
    await api.untilState('a', 'online');
    expect(await restartsOf('a')).toEqual([{ target: 'container', requested_by: 'health' }]);
    expect(await eventsOf('a')).toEqual(['site.down', 'health.restarted', 'site.recovered']);
    expect(await restartsOf('b')).toEqual([]);
  });

  test('has a container that was killed serve again, although Docker leaves it down', async () => {
    const port = (await api.untilState('e', 'online')).placement?.port;
    const answers = async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.status === 200;
    await dockerKill('customer-e');
    // It may be back before anybody asks whether it's away.
    await until('its restart is told', async () => (await eventsOf('e')).length > 0);
    await until('it answers again', answers);
    expect(await incidentsOf('e')).toEqual([]);
    expect(await eventsOf('e')).toEqual(['health.restarted']);
  });

  test('tells a container that ran out of memory from one that ended, and leaves it to Docker', async () => {
    world.simulators.docker.control.exhaustContainer('customer-c');
    const restarts = () =>
      rows<{ by: string; reason: string }>(
        `select r ->> 'by' as by, r ->> 'reason' as reason from site_health h join sites s on s.id = h.site_id, jsonb_array_elements(h.restarts) r
        where s.key = 'c' and h.aspect = 'container'`,
      );
    await until('its end is known', async () => (await restarts()).length > 0);
    expect(await restarts()).toEqual([{ by: 'docker', reason: 'OutOfMemory' }]);
    await untilHealth('c', 'container', 'healthy');
    expect(await restartsOf('c')).toEqual([]);
  });

  test('makes a container anew that somebody removed', async () => {
    await dockerRemove('customer-f');
    await until('it was made anew', async () =>
      world.simulators.docker.control
        .containers()
        .some(({ name, status }) => name === 'customer-f' && status === 'running'),
    );
    await untilHealth('f', 'container', 'healthy');
  });

  test('leaves to Docker what Docker restarts, and tells of one crash loop', async () => {
    for (let crash = 0; crash < 6; crash += 1) {
      await until('it runs', async () =>
        world.simulators.docker.control
          .containers()
          .some(({ name, status }) => name === 'customer-d' && status === 'running'),
      );
      world.simulators.docker.control.killContainer('customer-d', 1);
    }
    const open = async () => (await incidentsOf('d')).filter(({ closed }) => !closed);
    await until('the loop is told', async () => (await open())[0]?.kind === 'crash-looping');
    expect(await open()).toMatchObject([{ kind: 'crash-looping', reason: 'CrashLooping' }]);
    expect(await restartsOf('d')).toEqual([]);
    // Between two ends it may have been well for so long that it's told.
    expect((await eventsOf('d')).filter((type) => !type.startsWith('site.'))).toEqual(['health.crash-looping']);
    await untilLoopIsOver('d');
  });

  test('restarts again and again a container that never gets well, ever more seldom, and does not remove it', async () => {
    world.simulators.docker.control.setHealth('customer-b', 'unhealthy');
    await until('it was restarted twice', async () => ((await healthOf('b', 'container'))?.step ?? 0) >= 2);
    expect(await incidentsOf('b')).toMatchObject([{ kind: 'container-down', reason: 'BadStatus', closed: false }]);
    expect((await restartsOf('b')).every(({ target }) => target === 'container')).toBe(true);
    const waits = await rows<{ ms: number }>(
      `select (e.data ->> 'nextAfterMs')::float8 as ms from site_events e join sites s on s.id = e.site_id
      where s.key = 'b' and e.type = 'health.restarted' order by e.seq limit 2`,
    );
    expect(waits).toEqual([{ ms: 10_000 }, { ms: 20_000 }]);
    await until('it is there, running', async () =>
      world.simulators.docker.control
        .containers()
        .some(({ name, status }) => name === 'customer-b' && status === 'running'),
    );
    world.simulators.docker.control.setHealth('customer-b', undefined);
    await untilClosed('b');
    await api.untilState('b', 'online');
  });

  test('starts a tunnel whose unit was stopped, and leaves its container alone', async () => {
    await systemctl('stop', unitOf('c'));
    await until('it was started', async () => (await restartsOf('c')).length > 0);
    await untilHealth('c', 'tunnel', 'healthy');
    expect(await restartsOf('c')).toEqual([{ target: 'tunnel', requested_by: 'health' }]);
  });

  test('serves what it counted and timed', async () => {
    const text = await (await fetch(`http://${METRICS_ADDRESS}/metrics`)).text();
    const figureOf = (series: string) => {
      const line = text.split('\n').find((one) => one.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length));
    };
    for (const target of ['container', 'tunnel'])
      expect(figureOf(`berth_restarts_total{target="${target}"}`), target).toBeGreaterThan(0);
    for (const sweep of ['host', 'edge']) {
      expect(figureOf(`berth_sweep_duration_seconds_count{sweep="${sweep}",result="done"}`), sweep).toBeGreaterThan(0);
      expect(figureOf(`berth_sweep_duration_seconds_sum{sweep="${sweep}",result="done"}`), sweep).toBeGreaterThan(0);
      expect(figureOf(`berth_sweep_lag_seconds{sweep="${sweep}"}`), sweep).toBeGreaterThanOrEqual(0);
    }
  });

  test('leaves to systemd a tunnel that ends again and again, and tells of one crash loop', async () => {
    const connector = () =>
      world.simulators.systemd.control.units().find(({ name }) => name === unitOf('a'))?.connectorId;
    const known = async () => (await healthOf('a', 'tunnel'))?.run;
    const loops = async () => (await incidentsOf('a')).filter(({ closed }) => !closed);
    await until('it loops', async () => {
      const runs = connector();
      if (runs !== undefined && runs === (await known())) world.simulators.systemd.control.killUnit(unitOf('a'));
      return (await loops())[0]?.kind === 'crash-looping';
    });
    expect(await loops()).toHaveLength(1);
    expect((await restartsOf('a')).filter(({ target }) => target === 'tunnel')).toEqual([]);
    await untilLoopIsOver('a');
  });

  test('enables a unit that was disabled, without a restart', async () => {
    const connector = () => world.simulators.systemd.control.units().find(({ name }) => name === unitOf('d'));
    const before = connector();
    await systemctl('disable', unitOf('d'));
    const enabled = async () => (await systemctl('is-enabled', unitOf('d')).catch(() => undefined))?.stdout.trim();
    await rows(`update health_sweeps set due_at = now()`);
    await services.stop();
    services = await startServices(world.environment);
    api = await world.client(services.apiUrl);
    await until('it is enabled', async () => (await enabled()) === 'enabled');
    expect(connector()?.connectorId).toBe(before?.connectorId);
    expect(await restartsOf('d')).toEqual([]);
  });

  test('has a record put back that somebody removed, and restarts nothing for it', async () => {
    const { control } = world.simulators.cloudflare;
    const before = await restartsOf('f');
    const [record] = (await control.listRecords('f-health.de')).filter(({ name }) => name === 'f-health.de');
    await control.removeRecord('f-health.de', record?.id ?? '');
    await until('it is there again', async () =>
      (await control.listRecords('f-health.de')).some(({ name }) => name === 'f-health.de'),
    );
    await untilHealth('f', 'edge', 'healthy');
    // It was without a container before, which is told as well when that took long.
    const told = await until('what the edge told of f is over', async () => {
      const found = (await incidentsOf('f')).filter(({ kind }) => kind === 'edge-unreachable');
      return found.length > 0 && found.every(({ closed }) => closed) && found;
    });
    expect(told).toMatchObject([{ kind: 'edge-unreachable', reason: 'RouteNotEffective', data: { restarts: 0 } }]);
    expect(await restartsOf('f')).toEqual(before);
  });

  test('says of a site whose zone has left that it is the zone, and restarts nothing', async () => {
    const { control } = world.simulators.cloudflare;
    const before = await restartsOf('f');
    await control.setZoneStatus('f-health.de', 'moved');
    await until('it is told', async () => {
      await letZoneAge('f');
      return (await incidentsOf('f')).at(-1)?.reason === 'ZoneMoved';
    });
    expect((await incidentsOf('f')).at(-1)).toMatchObject({ kind: 'edge-unreachable', closed: false });
    await control.setZoneStatus('f-health.de', 'active');
    await until('the edge of f is healthy', async () => {
      await letZoneAge('f');
      return (await healthOf('f', 'edge'))?.outcome === 'healthy';
    });
    await untilClosed('f');
    expect(await restartsOf('f')).toEqual(before);
  });

  test('restarts no container and no tunnel when the edge is away: that is one incident of the host', async () => {
    const { control } = world.simulators.cloudflare;
    const before = (await rows('select from operations')).length;
    await control.setEdgeUp(false);
    const open = () => rows<{ kind: string }>(`select kind from incidents where site_id is null and closed_at is null`);
    await until('the host has an incident', async () => (await open()).some(({ kind }) => kind === 'edge-away'));
    await until('it has gone on for a while', async () => ((await healthOf('a', 'tunnel'))?.failures ?? 0) >= 4);
    expect((await rows('select from operations')).length).toBe(before);
    for (const key of KEYS) expect((await incidentsOf(key)).filter(({ closed }) => !closed)).toEqual([]);
    await control.setEdgeUp(true);
    await until('the incident is over', async () => (await open()).length === 0);
    for (const key of KEYS) await untilHealth(key, 'edge', 'healthy');
    // Of a tunnel that comes back later than the others it's told for a moment that it's the only one still away.
    for (const key of KEYS) await untilNothingIsOpen(key);
    expect((await rows('select from operations')).length).toBe(before);
  });

  test('restarts nothing when a third of the host fails at once: that is one incident of the host', async () => {
    const before = (await rows('select from operations')).length;
    for (const key of ['d', 'e', 'f']) world.simulators.docker.control.setHealth(`customer-${key}`, 'hang');
    const open = () =>
      rows<{ kind: string }>(
        'select kind from incidents where host_id = $1 and site_id is null and closed_at is null',
        [world.environment.HOST_ID],
      );
    await until('the host has an incident', async () => (await open()).length > 0);
    for (const key of ['d', 'e', 'f']) await untilHealth(key, 'container', 'unreachable');
    await until('it has gone on for a while', async () => {
      const [row] = await rows<{ failures: number }>('select max(failures) as failures from site_health');
      return (row?.failures ?? 0) >= 4;
    });
    expect(await open()).toEqual([{ kind: 'containers-failing' }]);
    expect((await rows('select from operations')).length).toBe(before);
    for (const key of ['d', 'e', 'f']) expect((await incidentsOf(key)).filter(({ closed }) => !closed)).toEqual([]);
    for (const key of ['d', 'e', 'f']) world.simulators.docker.control.setHealth(`customer-${key}`, undefined);
    await until('the incident is over', async () => (await open()).length === 0);
    // One whose look had begun before may be restarted as the only one that still hangs.
    for (const key of ['d', 'e', 'f']) await api.untilState(key, 'online');
  });

  test('restarts no tunnel while systemd is away, says that it is, and keeps its last word', async () => {
    const before = (await rows('select from operations')).length;
    const word = async () => (await rows('select unit_status from customer_tunnels group by 1')) as object[];
    world.simulators.systemd.control.away();
    const open = () => rows(`select from incidents where kind = 'systemd-away' and closed_at is null`);
    await until('the host has an incident', async () => (await open()).length > 0);
    expect(await healthOf('a', 'tunnel')).toMatchObject({ outcome: 'healthy', word: 'active' });
    expect(await word()).toEqual([{ unit_status: 'active' }]);
    world.simulators.systemd.control.back();
    await until('the incident is over', async () => (await open()).length === 0);
    expect((await rows('select from operations')).length).toBe(before);
  });

  test('restarts nothing while Docker is away, and says that it is', async () => {
    const before = (await rows('select from operations')).length;
    await world.simulators.docker.control.away();
    const open = () => rows(`select from incidents where kind = 'docker-away' and closed_at is null`);
    await until('the host has an incident', async () => (await open()).length > 0);
    expect(await healthOf('a', 'container')).toMatchObject({ outcome: 'unreachable', reason: 'DockerAway' });
    await world.simulators.docker.control.back();
    await until('the incident is over', async () => (await open()).length === 0);
    for (const key of KEYS) await untilHealth(key, 'container', 'healthy');
    expect((await rows('select from operations')).length).toBe(before);
  });

  test('says of a site whose zone was deleted at Cloudflare that it is the zone, and restarts nothing', async () => {
    const before = await restartsOf('f');
    await world.simulators.cloudflare.control.setZoneStatus('f-health.de', 'deleted');
    await until('it is told', async () => {
      await letZoneAge('f');
      return (await incidentsOf('f')).at(-1)?.reason === 'ZoneDeleted';
    });
    expect((await incidentsOf('f')).at(-1)).toMatchObject({ kind: 'edge-unreachable', closed: false });
    expect((await incidentsOf('f')).filter(({ closed }) => !closed)).toHaveLength(1);
    expect(await restartsOf('f')).toEqual(before);
  });
});
