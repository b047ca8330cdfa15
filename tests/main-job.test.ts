import { readdirSync } from 'node:fs';
import { domainToASCII } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { fetchThroughEdge } from './support/edge.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let services: TestServices;
let api: ApiClient;

beforeAll(async () => {
  world = await openWorld();
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
});

afterAll(async () => {
  await services?.stop();
  await world?.close();
});

const page = (host: string) => fetchThroughEdge(world.environment, host);

/** Everything that is there of a site, at Cloudflare, in Docker, in systemd and on disk. */
async function traces(key: string, domain: string): Promise<string[]> {
  const { cloudflare, docker, systemd } = world.simulators;
  const { TUNNEL_CONFIG_DIR = '', SYSTEMD_UNIT_DIR = '' } = world.environment;
  const zones = await cloudflare.control.listZones();
  const records = zones.some(({ name }) => name === domain) ? await cloudflare.control.listRecords(domain) : [];
  const named = (name: string) => name.includes(`customer-${key}`);
  return [
    ...records.filter(({ content }) => content.endsWith('.cfargotunnel.com')).map(({ name }) => `record ${name}`),
    ...(await cloudflare.control.listTunnels()).filter(({ name }) => named(name)).map(({ name }) => `tunnel ${name}`),
    ...docker.control
      .containers()
      .filter(({ name }) => named(name))
      .map(({ name }) => `container ${name}`),
    ...docker.control
      .networks()
      .filter(named)
      .map((name) => `network ${name}`),
    ...systemd.control
      .units()
      .filter(({ name }) => named(name))
      .map(({ name }) => `unit ${name}`),
    ...[...readdirSync(TUNNEL_CONFIG_DIR), ...readdirSync(SYSTEMD_UNIT_DIR)]
      .filter(named)
      .map((name) => `file ${name}`),
  ].sort();
}

describe('an order', () => {
  test.each([
    ['1001', 'mustermann.de'],
    ['1002', 'bäckerei-müller.de'],
    ['1003', 'radhaus-nord.com'],
  ])('%s for %s goes live, and its site answers through the edge', async (orderId, domain) => {
    const accepted = await api.order({ orderId, domain });
    expect(accepted.status, accepted.text).toBe(202);
    expect(accepted.body).toMatchObject({ orderId, site: `customer_${orderId}`, domain: domainToASCII(domain) });
    expect(accepted.headers.get('location')).toBe(accepted.body.operation.url);
    const done = await api.untilDone(accepted.body.operation.url);
    expect(done).toMatchObject({ kind: 'order', status: 'succeeded', done: true });
    for (const host of [domain, `www.${domain}`]) expect((await page(domainToASCII(host))).status).toBe(200);
    const { body: order } = await api.ask('GET', `/v1/orders/${orderId}`);
    expect(order).toMatchObject({ state: 'online', nameServers: [expect.any(String), expect.any(String)] });
    const site = await api.untilState(`customer_${orderId}`, 'online');
    expect(site).toMatchObject({
      domainUnicode: domain,
      url: `https://${domainToASCII(domain)}`,
      placement: { host: 'one', port: expect.any(Number) },
      container: { name: `customer-customer_${orderId}`, status: 'running', health: 'healthy' },
      tunnel: { name: `customer-customer_${orderId}`, status: 'active' },
      release: { number: 1, outcome: 'running' },
    });
  });

  test('leaves nothing behind when its site is deleted, and can be ordered again', async () => {
    const domain = 'leaves.de';
    await api.order({ orderId: '2001', domain, customer: { id: 'leaver' } });
    await api.untilState('leaver', 'online');
    expect(await traces('leaver', domain)).toEqual([
      'container customer-leaver',
      'file cloudflared-customer-leaver.service',
      'file customer-leaver.json',
      'file customer-leaver.yml',
      'network customer-leaver',
      `record ${domain}`,
      `record www.${domain}`,
      'tunnel customer-leaver',
      'unit cloudflared-customer-leaver.service',
    ]);
    const deletion = await api.ask('DELETE', '/v1/sites/leaver', { body: { domain } });
    expect(deletion.status, deletion.text).toBe(202);
    expect(await api.untilDone(deletion.body.url)).toMatchObject({ kind: 'delete', status: 'succeeded' });
    expect(await traces('leaver', domain)).toEqual([]);
    const again = await api.order({ orderId: '2002', domain, customer: { id: 'leaver' } });
    expect(again.body).toMatchObject({ site: 'leaver' });
    await api.untilState('leaver', 'online');
    expect((await page(domain)).status).toBe(200);
  });
});
