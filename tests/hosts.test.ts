import type { Host, HostDetail } from '@berth/contract/host';
import type { AddedHost } from '@berth/simulators/start-simulators';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { fetchThroughEdge } from './support/edge.ts';
import { type HostWorkers, startHostWorkers } from './support/host-workers.ts';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

/** Half of them are live when host three dies, the others are under way. */
const COUNT = 60;
const DOWN_SECONDS = 5;
const ids = Array.from({ length: COUNT }, (_, index) => `hosted${index + 10}`);
const early = ids.slice(0, COUNT / 2);
const late = ids.slice(COUNT / 2);

let world: World;
let services: TestServices;
let two: AddedHost;
let three: AddedHost;
let workersOfTwo: HostWorkers[];
let workersOfThree: ServiceProcess[];
let api: ApiClient;
let watching: { stop(): Promise<void>; doubles: string[]; looks: number };

beforeAll(async () => {
  world = await openWorld({
    persist: true,
    activateAfterMs: undefined,
    pullMs: 20,
    // A site is under way for a while: its connector is up, its route is made, and its certificate is still to come.
    certificateAfterMs: 4000,
    settings: { HOST_MEMORY: '21g', HOST_DOWN_SECONDS: String(DOWN_SECONDS) },
  });
  two = await world.simulators.addHost('two');
  three = await world.simulators.addHost('three');
  services = await startServices({ ...world.environment, CUSTOMER_PORT_END: '3199' });
  workersOfTwo = [
    await startHostWorkers(environmentOf(two, 'two', 3200)),
    await startHostWorkers(environmentOf(two, 'two', 3200)),
  ];
  workersOfThree = ['container-worker', 'tunnel-worker'].map((name) =>
    serviceProcess(name, `services/${name}/src/main.ts`, {
      ...environmentOf(three, 'three', 3300),
      ...(name === 'tunnel-worker' && { TUNNEL_ROOMS: 'host' }),
    }),
  );
  await Promise.all(workersOfThree.map((worker) => worker.start()));
  api = await world.client(services.apiUrl);
  await until(
    'three hosts are ready',
    async () => (await hosts()).filter(({ state }) => state === 'ready').length === 3,
  );
  // All three share one loopback, so their connectors' metrics must have addresses of their own.
  await world.db.pool.query(`update port_allocations set slot = slot + case host_id when 'two' then 1100 else 2200 end
    where host_id in ('two', 'three')`);
  // Nobody else says how the sites of these two are; without it that would be an incident of its own after five minutes.
  await world.db.pool.query(
    `update hosts set health_lease_until = now() + interval '1 hour' where id in ('two', 'three')`,
  );
  watching = watchForDoubles();
});

afterAll(async () => {
  await watching?.stop();
  await Promise.all((workersOfThree ?? []).map((worker) => worker.kill()));
  await Promise.all((workersOfTwo ?? []).map((workers) => workers.stop()));
  await services?.stop();
  await world?.close();
});

function environmentOf(added: AddedHost, id: string, firstPort: number): Record<string, string> {
  return {
    ...world.environment,
    ...added.env,
    HOST_ID: id,
    CUSTOMER_PORT_START: String(firstPort),
    CUSTOMER_PORT_END: String(firstPort + 99),
  };
}

const hosts = async (): Promise<Host[]> => (await api.ask('GET', '/v1/hosts')).body.data;
const host = async (id: string): Promise<HostDetail> => (await api.ask('GET', `/v1/hosts/${id}`)).body;
const rows = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
  (await world.db.pool.query(text, values)).rows;
const sitesOn = async (id: string, live: boolean): Promise<string[]> =>
  (
    await rows<{ key: string }>(
      `select s.key from placements p join sites s on s.id = p.site_id
      where p.host_id = $1 and p.wanted = 'serving' and p.gone_at is null and (s.live_at is not null) = $2 order by s.key`,
      [id, live],
    )
  ).map(({ key }) => key);
const unitsOf = () => ({
  one: world.simulators.systemd.control.units(),
  two: two.host.systemd.control.units(),
  three: three.host.systemd.control.units(),
});

/** Asks the edge, again and again, whether a tunnel has connectors of more than one host. */
function watchForDoubles() {
  const watched = { stop: async () => {}, doubles: [] as string[], looks: 0 };
  let on = true;
  const live = async () => {
    while (on) {
      const hostOf = new Map(
        Object.entries(unitsOf()).flatMap(([id, units]) => units.map(({ connectorId }) => [connectorId, id] as const)),
      );
      for (const { name, connectors } of await world.simulators.cloudflare.control.listTunnels()) {
        const serving = new Set(connectors.map((connector) => hostOf.get(connector) ?? 'a host that is off'));
        if (serving.size > 1) watched.doubles.push(`${name}: ${[...serving].join(', ')}`);
      }
      watched.looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const running = live();
  watched.stop = async () => {
    on = false;
    await running;
  };
  return watched;
}

async function order(some: readonly string[]): Promise<void> {
  for (const id of some) {
    const answer = await api.order({ orderId: id, domain: `${id}.de`, customer: { id } });
    expect(answer.status, answer.text).toBe(202);
  }
}

async function activate(some: readonly string[]): Promise<void> {
  const named = (id: string) => `${id}.de`;
  await until('their zones are made', async () => {
    const zones = new Set((await world.simulators.cloudflare.control.listZones()).map(({ name }) => name));
    return some.every((id) => zones.has(named(id)));
  });
  for (const id of some) await world.simulators.cloudflare.control.activateZone(named(id));
}

const untilLive = (some: readonly string[]) =>
  until(`${some.length} sites are live`, async () => {
    const [found] = await rows<{ n: number }>(
      'select count(*)::int as n from sites where key = any($1) and live_at is not null',
      [some],
    );
    return found?.n === some.length;
  });

/**
 * Orders that come one by one may all be done by the worker that hears first of each, when the machine is quick: many looks are wanted at
 * once, every two seconds.
 */
async function untilBothHaveLooked(aspect: string): Promise<void> {
  const onTwo = await sitesOn('two', true);
  let polls = 0;
  await until(`both workers of host two have looked at the ${aspect} of a site`, async () => {
    if (workersOfTwo.every((workers) => workers.recorded(aspect) > 0)) return true;
    if (polls % 40 === 0) {
      const retry = (id: string) => api.ask('POST', `/v1/sites/${id}/conditions/${aspect}/retries`, { body: {} });
      await Promise.all(onTwo.map(retry));
    }
    polls += 1;
    return false;
  });
}

/** What was reached through a host's connector before it went off may be written down after that. */
async function untilProofsAreRecorded(id: string): Promise<void> {
  const underWay = () =>
    rows<{ look: string }>(
      `select c.id || ' ' || c.lease_no as look from site_conditions c join placements p on p.site_id = c.site_id
      where c.aspect = 'reachable' and c.lease_until > now() and p.host_id = $1`,
      [id],
    );
  const begun = (await underWay()).map(({ look }) => look);
  await until('looks that were under way have ended', async () =>
    (await underWay()).every(({ look }) => !begun.includes(look)),
  );
}

async function visit(id: string): Promise<number> {
  return (await fetchThroughEdge(world.environment, `${id}.de`)).status;
}
const serves = (id: string) =>
  visit(id)
    .then((status) => status === 200)
    .catch(() => false);

describe('three hosts', () => {
  let livedOnThree: string[];
  let movedFromThree: string[];

  test('share the sites by their memory, and two workers of one kind on a host share its work', async () => {
    await order(early);
    await activate(early);
    await untilLive(early);
    const shares = (await hosts()).map(({ sites }) => sites);
    expect(shares.reduce((sum, sites) => sum + sites)).toBe(early.length);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    for (const aspect of ['container', 'connector']) await untilBothHaveLooked(aspect);
  });

  test('lose one in the middle: what was not live on it goes to the others, and all go live', async () => {
    await order(late);
    await activate(late);
    const begun = await until('sites are under way on host three, some with their routes', async () => {
      const [found] = await rows<{ routed: number; all: number }>(
        `select count(*) filter (where c.status = 'true')::int as routed, count(*)::int as all from placements p
        join sites s on s.id = p.site_id and s.live_at is null join site_conditions c on c.site_id = s.id and c.aspect = 'route'
        where p.host_id = 'three' and p.wanted = 'serving'`,
      );
      return found && found.routed >= 2 && found.all > found.routed && found;
    });
    expect(begun.routed).toBeGreaterThan(0);
    await Promise.all([...workersOfThree.map((worker) => worker.kill()), three.host.powerOff()]);
    await untilProofsAreRecorded('three');
    movedFromThree = await sitesOn('three', false);
    livedOnThree = await sitesOn('three', true);
    expect(movedFromThree.length).toBeGreaterThan(2);
    await world.db.pool.query(
      `update hosts set lease_until = now() - $1::float8 * interval '1 s', connector_lease_until = now() - $1::float8 * interval '1 s'
      where id = 'three'`,
      [DOWN_SECONDS + 1],
    );
    await untilLive(ids);
    for (const id of ids.filter((one) => !livedOnThree.includes(one))) expect(await visit(id), id).toBe(200);
    expect(await sitesOn('three', true)).toEqual(livedOnThree);
    const places = await rows<{ key: string; host_id: string }>(
      `select s.key, p.host_id from placements p join sites s on s.id = p.site_id where s.key = any($1) and p.wanted = 'serving'`,
      [movedFromThree],
    );
    expect(new Set(places.map(({ host_id }) => host_id))).toEqual(new Set(['one', 'two']));
  });

  test('say which is down, in one incident, with what becomes of its sites', async () => {
    // A look at the hosts that had begun before its lease ran out places its sites anew already; the next one, seconds later, tells.
    await until('host three is said to be down', async () => (await host('three')).incident);
    const shown = await host('three');
    expect(shown).toMatchObject({ state: 'down', reason: 'LeaseExpired', incident: { reason: 'LeaseExpired' } });
    expect(shown.incident?.message).toContain(`${livedOnThree.length} live sites stay on it until it is back`);
    expect(shown.events.map(({ type }) => type)).toEqual(['host.down']);
    const incidents = await rows(`select host_id, kind from incidents where closed_at is null and site_id is null`);
    expect(incidents).toEqual([{ host_id: 'three', kind: 'host-down' }]);
    const { body } = await api.ask('GET', `/v1/sites/${movedFromThree[0]}/events`);
    expect(body.data).toContainEqual(expect.objectContaining({ type: 'placement.lost', reason: 'HostDown' }));
  });

  test('have the third back: what it kept serves again, what went to others is removed from it', async () => {
    await three.host.powerOn();
    const left = () => three.host.docker.control.containers().map(({ name }) => name);
    expect(left().some((name) => movedFromThree.includes(name.replace('customer-', '')))).toBe(true);
    // Long enough for every connector that boots with it to try the edge, before any worker can take it away.
    await until('what it kept serves', () => serves(livedOnThree[0] ?? ''));
    await Promise.all(workersOfThree.map((worker) => worker.start()));
    const names = (format: (id: string) => string) => livedOnThree.map(format).sort();
    await until('nothing is left of the others', async () => {
      const units = three.host.systemd.control.units().map(({ name }) => name);
      return left().length === livedOnThree.length && units.length === livedOnThree.length;
    });
    expect(left().sort()).toEqual(names((id) => `customer-${id}`));
    expect(
      three.host.systemd.control
        .units()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names((id) => `cloudflared-customer-${id}.service`));
    await until('its numbers are free', async () => (await host('three')).sites === livedOnThree.length);
    await until('the incident is over', async () => (await host('three')).incident === null);
    expect(await host('three')).toMatchObject({
      state: 'ready',
      events: [{ type: 'host.back' }, { type: 'host.down' }],
    });
    // Their connectors came back with the host, each in its own time.
    for (const id of livedOnThree) await until(`${id} serves again`, () => serves(id));
    for (const id of ids) expect(await visit(id), id).toBe(200);
  });

  test('never had a site served by two of them', async () => {
    expect(watching.looks).toBeGreaterThan(100);
    expect(watching.doubles).toEqual([]);
    const containers = [world.simulators.docker, two.host.docker, three.host.docker].flatMap(({ control }) =>
      control.containers().map(({ name }) => name),
    );
    expect(containers.sort()).toEqual(ids.map((id) => `customer-${id}`).sort());
  });

  test('leave the one alone that drains', async () => {
    const before = (await host('two')).sites;
    const drained = await api.ask('PATCH', '/v1/hosts/two', { body: { state: 'draining' } });
    expect(drained.body).toMatchObject({ state: 'draining', sites: before });
    const more = ['drained1', 'drained2', 'drained3', 'drained4'];
    await order(more);
    await activate(more);
    await untilLive(more);
    expect((await host('two')).sites).toBe(before);
    expect(await visit(ids[0] ?? '')).toBe(200);
  });
});
