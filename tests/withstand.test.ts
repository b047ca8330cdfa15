import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { fetchThroughEdge } from './support/edge.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let services: TestServices;
let api: ApiClient;

beforeAll(async () => {
  world = await openWorld({ settings: { HEALTH_START_SECONDS: '8' } });
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
});

afterAll(async () => {
  await services?.stop();
  await world?.close();
});

const page = (host: string) => fetchThroughEdge(world.environment, host);
const conditionOf = async (site: string, aspect: string) => {
  const { body } = await api.ask('GET', `/v1/sites/${site}`);
  return body.conditions.find((one: { aspect: string }) => one.aspect === aspect);
};
const untilReason = (site: string, aspect: string, reason: string) =>
  until(`${aspect} of ${site} says ${reason}`, async () => {
    const condition = await conditionOf(site, aspect);
    return condition?.reason === reason && condition;
  });

describe('a site', () => {
  test('of staging gets a port of 3000 to 3099', async () => {
    await api.order({ orderId: 's1', domain: 'staging.de', environment: 'staging', customer: { id: 'staging' } });
    const { placement } = await api.untilState('staging', 'online');
    expect(placement?.port).toBeGreaterThanOrEqual(3000);
    expect(placement?.port).toBeLessThanOrEqual(3099);
  });

  /** Whoever asks it and hangs up, such as a probe, ends nothing but that. */
  const strangerAt = (port: number) =>
    new Promise<Server>((resolve, reject) => {
      const server = createServer((socket) => socket.on('error', () => undefined).resume());
      server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
    });

  test('gets another port when a stranger holds the one it was given', async () => {
    const { rows } = await world.db.pool.query<{ port: number }>(
      `select min(port) as port from port_allocations where pool = 'customer' and placement_id is null`,
    );
    const port = rows[0]?.port ?? 0;
    const stranger = await strangerAt(port);
    await api.order({ orderId: 'p1', domain: 'port.de', customer: { id: 'port' } });
    const { placement } = await api.untilState('port', 'online');
    stranger.close();
    expect(placement?.port).not.toBe(port);
    expect((await page('port.de')).status).toBe(200);
  });

  test('waits while a stranger holds the port that it wished for, and gets it then', async () => {
    const stranger = await strangerAt(3777);
    await api.order({ orderId: 'p2', domain: 'wish.de', port: 3777, customer: { id: 'wish' } });
    await untilReason('wish', 'container', 'WishedPortOccupied');
    stranger.close();
    expect((await api.untilState('wish', 'online')).placement?.port).toBe(3777);
  });

  test('waits where its zone was active before, until an operator says that it is right', async () => {
    await world.simulators.cloudflare.control.addZone('before.de', 'active');
    await api.order({ orderId: 'z1', domain: 'before.de', customer: { id: 'before' } });
    expect((await api.untilState('before', 'waiting')).conditions).toContainEqual(
      expect.objectContaining({ aspect: 'zone', status: 'false', reason: 'ZoneAlreadyActive' }),
    );
    const confirmed = await api.ask('POST', '/v1/sites/before/confirmations', { body: {} });
    expect(confirmed.status, confirmed.text).toBe(202);
    expect(await api.untilDone(confirmed.body.url)).toMatchObject({ status: 'succeeded' });
    await api.untilState('before', 'online');
  });

  test('takes the place of a website that was there, and that one is back when the site leaves', async () => {
    const { control } = world.simulators.cloudflare;
    await control.addZone('foreign.de', 'active');
    await control.addRecord('foreign.de', {
      type: 'A',
      name: 'foreign.de',
      content: '192.0.2.7',
      proxied: true,
      ttl: 1,
    });
    await control.addRecord('foreign.de', {
      type: 'MX',
      name: 'foreign.de',
      content: 'mx.example.org',
      priority: 10,
      ttl: 300,
    });
    const shown = async () =>
      (await control.listRecords('foreign.de')).map(({ type, name, content }) => `${type} ${name} ${content}`).sort();
    const before = await shown();
    await api.order({ orderId: 'f1', domain: 'foreign.de', existingZone: true, customer: { id: 'foreign' } });
    await api.untilState('foreign', 'online');
    const after = await shown();
    expect(after).toContain('MX foreign.de mx.example.org');
    expect(after.some((record) => record.startsWith('A '))).toBe(false);
    await api.ask('DELETE', '/v1/sites/foreign', { body: { domain: 'foreign.de' } });
    await api.untilState('foreign', 'gone');
    expect(await shown()).toEqual(before);
  });

  test.each([
    ['before its zone is active', 'early', async () => undefined],
    ['while its image is missing', 'imageless', async () => untilReason('imageless', 'container', 'ImageNotFound')],
  ])('can be deleted %s', async (_when, id, reach) => {
    const domain = `${id}.de`;
    const image = id === 'imageless' ? 'berth-demo/site:none' : 'berth-demo/site:1';
    await api.order({ orderId: id, domain, image, customer: { id } });
    await reach();
    await api.ask('DELETE', `/v1/sites/${id}`, { body: { domain } });
    await api.untilState(id, 'gone');
    const { cloudflare, docker, systemd } = world.simulators;
    expect((await cloudflare.control.listTunnels()).map(({ name }) => name)).not.toContain(`customer-${id}`);
    expect(
      (await cloudflare.control.listZones()).filter(({ name, status }) => name === domain && status !== 'active'),
    ).toEqual([]);
    expect(docker.control.containers().map(({ name }) => name)).not.toContain(`customer-${id}`);
    expect(systemd.control.units().map(({ name }) => name)).not.toContain(`cloudflared-customer-${id}.service`);
  });
});

describe('a live site', () => {
  beforeAll(async () => {
    await api.order({ orderId: 'live', domain: 'live.de', customer: { id: 'live' } });
    await api.untilState('live', 'online');
  });

  test('restarts its container or its tunnel, once for each time it is asked', async () => {
    for (const target of ['container', 'tunnel'] as const) {
      const { body } = await api.ask('POST', '/v1/sites/live/restarts', { body: { target } });
      expect(await api.untilDone(body.url)).toMatchObject({ kind: 'restart', target, status: 'succeeded' });
    }
    await api.untilState('live', 'online');
    expect((await page('live.de')).status).toBe(200);
  });

  test('deploys another image', async () => {
    const { body } = await api.ask('POST', '/v1/sites/live/deploys', { body: { image: 'berth-demo/site:2' } });
    expect(await api.untilDone(body.url)).toMatchObject({ kind: 'deploy', status: 'succeeded' });
    const site = await api.untilState('live', 'online');
    expect(site).toMatchObject({
      container: { name: 'customer-live', image: 'berth-demo/site:2' },
      release: { number: 2, outcome: 'running' },
    });
    expect(world.simulators.docker.control.containers().filter(({ name }) => name.includes('live')).length).toBe(1);
  });

  test('keeps the image that runs when the next one does not get healthy', async () => {
    const { body } = await api.ask('POST', '/v1/sites/live/deploys', { body: { image: 'berth-demo/unhealthy:1' } });
    expect(await api.untilDone(body.url)).toMatchObject({ kind: 'deploy', status: 'failed' });
    const site = await api.untilState('live', 'online');
    expect(site.container).toMatchObject({ name: 'customer-live', image: 'berth-demo/site:2', status: 'running' });
    expect((await page('live.de')).status).toBe(200);
  });

  test('shows its tunnel with the connections that Cloudflare sees', async () => {
    const { body } = await api.ask('GET', '/v1/sites/live/tunnel');
    expect(body).toMatchObject({ name: 'customer-live', status: 'active', connectionsError: null });
    expect(body.connections.length).toBeGreaterThan(0);
  });
});
