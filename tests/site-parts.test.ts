import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { fetchThroughEdge } from './support/edge.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let services: TestServices;
let api: ApiClient;
const servers: Server[] = [];

beforeAll(async () => {
  world = await openWorld();
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
});

afterAll(async () => {
  for (const server of servers) server.close();
  await services?.stop();
  await world?.close();
});

const page = (host: string) => fetchThroughEdge(world.environment, host);
const containers = () => world.simulators.docker.control.containers().map(({ name }) => name);
const tunnels = async () => (await world.simulators.cloudflare.control.listTunnels()).map(({ name }) => name);
const units = () => world.simulators.systemd.control.units().map(({ name }) => name);

/** A program of the operator's own, where the tunnel leads. */
async function listenOn(port: number): Promise<Server> {
  const server = createServer((_request, response) => response.end('not a container of ours'));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

async function done(method: string, path: string, body: unknown) {
  const answer = await until(`${method} ${path} is taken`, async () => {
    const { status, body: said, text } = await api.ask(method, path, { body });
    if (status === 409 && said.code === 'site.leaving') return false;
    expect(status, text).toBe(202);
    return said;
  });
  return api.untilDone(answer.url);
}

const tunnel = (key: string, domain: string, port?: number) =>
  done('PUT', `/v1/sites/${key}/tunnel`, { domain, ...(port && { port }) });
const deploy = (key: string, port?: number) =>
  done('POST', `/v1/sites/${key}/deploys`, {
    image: 'berth-demo/site:1',
    licenseKey: 'license',
    create: true,
    ...(port && { port }),
  });

describe('a site of a tunnel alone', () => {
  test('goes live without a container, whatever answers behind it, and leaves nothing behind', async () => {
    expect(await tunnel('alone', 'alone.de', 3200)).toMatchObject({ kind: 'create-tunnel', status: 'succeeded' });
    const site = await api.untilState('alone', 'online');
    expect(site).toMatchObject({ parts: ['tunnel'], orderId: null, container: null, placement: { port: 3200 } });
    expect(site.conditions.map(({ aspect }) => aspect)).not.toContain('container');
    expect(site.liveAt).not.toBeNull();
    expect((await page('alone.de')).status, 'nobody listens').toBe(502);
    const server = await listenOn(3200);
    expect(await page('www.alone.de')).toMatchObject({ status: 200, body: 'not a container of ours' });
    expect(containers()).toEqual([]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));

    expect(await done('DELETE', '/v1/sites/alone/tunnel', { domain: 'alone.de' })).toMatchObject({
      kind: 'delete-tunnel',
      status: 'succeeded',
    });
    expect(await tunnels()).toEqual([]);
    expect(units()).toEqual([]);
    expect((await api.untilState('alone', 'gone')).goneAt).not.toBeNull();
  });

  test('gets a container on its port, which takes the place of what the operator ran there', async () => {
    await tunnel('grows', 'grows.de', 3210);
    const server = await listenOn(3210);
    const asked = api.ask('POST', '/v1/sites/grows/deploys', {
      body: { image: 'berth-demo/site:1', licenseKey: 'license' },
    });
    const { body: operation } = await asked;
    await until('it says who holds the port', async () => {
      const { body } = await api.ask('GET', operation.url);
      return /port 3210 was asked for, and on host /.test(body.waitingFor ?? '');
    });
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    expect(await api.untilDone(operation.url)).toMatchObject({ kind: 'deploy', status: 'succeeded' });
    const site = await api.untilState('grows', 'online');
    expect(site).toMatchObject({
      parts: ['container', 'tunnel'],
      placement: { port: 3210 },
      container: { port: 3210 },
    });
    expect((await page('grows.de')).status).toBe(200);
  });
});

describe('a site of a container alone', () => {
  test('is online when its container is healthy, without a zone or a tunnel', async () => {
    expect(await deploy('inner', 3220)).toMatchObject({ kind: 'deploy', status: 'succeeded' });
    const site = await api.untilState('inner', 'online');
    expect(site).toMatchObject({ parts: ['container'], domain: null, url: null, container: { port: 3220 } });
    expect(site.liveAt).not.toBeNull();
    expect(site.conditions.map(({ aspect }) => aspect).sort()).toEqual(['container', 'placement']);
    expect(await tunnels()).not.toContain('customer-inner');
    expect(units()).not.toContain('cloudflared-customer-inner.service');
    expect(await done('DELETE', '/v1/sites/inner', { domain: null })).toMatchObject({ status: 'succeeded' });
    expect(containers()).not.toContain('customer-inner');
  });

  test('gets a tunnel, loses it and gets another one, while its container runs on', async () => {
    await deploy('changes');
    await tunnel('changes', 'first.de');
    await api.untilState('changes', 'online');
    expect((await page('first.de')).status).toBe(200);
    const before = (await api.ask('GET', '/v1/sites/changes')).body.container.id;

    await done('DELETE', '/v1/sites/changes/tunnel', { domain: 'first.de' });
    expect(await tunnels()).not.toContain('customer-changes');
    expect(await world.simulators.cloudflare.control.listRecords('first.de')).toEqual([]);
    expect(await api.untilState('changes', 'online')).toMatchObject({ parts: ['container'], domain: null });

    await tunnel('changes', 'second.de');
    const site = await api.untilState('changes', 'online');
    expect(site).toMatchObject({ domain: 'second.de', container: { id: before, status: 'running' } });
    expect((await page('second.de')).status).toBe(200);
  });
});
