import { makeApiClient as makeCloudflareClient } from '@berth/simulators/testing/make-api-client';
import { type Visit, visitEdge } from '@berth/simulators/testing/visit-edge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { type Ran, run } from './support/command.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { openWorld, type World } from './support/world.ts';

const NAMES = ['shop.de', 'www.shop.de'] as const;
const ANNA = { identity: 'anna@example.org' };
const BLOCKED = { visitor: '203.0.113.9 DE' };
const ELSEWHERE = { visitor: '192.0.2.9 DE' };

let world: World;
let services: TestServices;
let api: ApiClient;

beforeAll(async () => {
  world = await openWorld();
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
  await api.order({ orderId: 'shop', domain: 'shop.de', customer: { id: 'shop' } });
  await api.untilState('shop', 'online');
});
afterAll(async () => {
  await services?.stop();
  await world?.close();
});

const berth = (args: string) =>
  run(process.execPath, ['apps/cli/bin/berth.mjs', ...args.split(' ')], {
    BERTH_API_URL: services.apiUrl,
    BERTH_API_KEY: api.key,
  });
/** Says what shall protect the site, and waits until it does. */
async function protect(options: string): Promise<Ran> {
  const ran = await berth(`site protect shop ${options} --wait`);
  expect(ran.status, ran.err).toBe(0);
  return ran;
}
/** What the edge answers a visitor of the apex, and of www. */
const visits = (visit: Visit = {}) =>
  Promise.all(NAMES.map(async (name) => (await visitEdge(world.simulators.cloudflare, name, visit)).status));
const cloudflare = async (what: string): Promise<{ name: string }[]> => {
  const { cloudflare: simulator } = world.simulators;
  const path = `/accounts/${simulator.accountId}/access/${what}`;
  return (await makeCloudflareClient(simulator)('GET', path)).body.result;
};

describe('berth site protect', () => {
  test('has whoever is not known sign in, on every host name, and lets in who is meant', async () => {
    expect(await visits()).toEqual([200, 200]);
    await protect('--email anna@example.org');
    expect(await visits()).toEqual([302, 302]);
    expect(await visits(ANNA)).toEqual([200, 200]);
    expect(await visits({ identity: 'eve@example.org' })).toEqual([403, 403]);
  });

  test('holds up the blocked as well, keeps what nothing is said of, and the site is online all the while', async () => {
    await protect('--block 203.0.113.0/24');
    expect(await visits({ ...ANNA, ...BLOCKED })).toEqual([403, 403]);
    expect(await visits({ ...ANNA, ...ELSEWHERE })).toEqual([200, 200]);
    expect(await visits(ELSEWHERE)).toEqual([302, 302]);
    await api.untilState('shop', 'online');
    const tried = await api.ask('POST', '/v1/sites/shop/protection/tests', { body: { address: '203.0.113.9' } });
    expect(tried.body).toMatchObject({ inForce: true, verdict: 'blocked' });
  });

  test('opens one part, and leaves the other', async () => {
    await protect('--open access');
    expect(await visits(ELSEWHERE)).toEqual([200, 200]);
    expect(await visits(BLOCKED)).toEqual([403, 403]);
  });

  test('refuses what cannot be had, and only says what would change with --plan', async () => {
    const bad = await berth('site protect shop --block 203.0.113.1/24');
    expect([bad.status, bad.err]).toEqual([5, expect.stringContaining('write 203.0.113.0/24 for the network')]);
    const planned = await berth('site protect shop --allow 198.51.100.0/24 --plan');
    expect([planned.status, planned.out]).toEqual([0, expect.stringContaining('would be wanted')]);
    expect(await visits(ELSEWHERE)).toEqual([200, 200]);
    expect(await visits(BLOCKED)).toEqual([403, 403]);
  });

  test('holds off a flood of one address, and nobody else', async () => {
    await protect('--open ip --rate 10/10');
    const got: number[] = [];
    // On a slow machine the period may end in between, and counting begins anew.
    while (got.at(-1) !== 429 && got.length < 300) {
      got.push((await visitEdge(world.simulators.cloudflare, 'shop.de', ELSEWHERE)).status);
    }
    expect(got.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(got.at(-1)).toBe(429);
    expect(await visits({ visitor: '192.0.2.10 DE' })).toEqual([200, 200]);
    await protect('--open rate');
    expect(await visits(ELSEWHERE)).toEqual([200, 200]);
  });

  test('has every visitor looked at under attack, and sees the site all the same', async () => {
    await protect('--under-attack');
    const page = await visitEdge(world.simulators.cloudflare, 'www.shop.de');
    expect([page.status, page.headers['cf-mitigated']]).toEqual([403, 'challenge']);
    expect(await visits({ passed: true })).toEqual([200, 200]);
    await api.untilState('shop', 'online');
    await protect('--open attack');
    expect(await visits()).toEqual([200, 200]);
  });

  test('takes everything of a site along when that is deleted', async () => {
    await protect('--email anna@example.org --block 203.0.113.0/24');
    expect((await cloudflare('apps')).length).toBe(1);
    const deleted = await berth('site delete shop --yes --wait');
    expect(deleted.status, deleted.err).toBe(0);
    expect(await cloudflare('apps')).toEqual([]);
    expect((await cloudflare('policies')).map(({ name }) => name)).toEqual(['berth proof']);
  });
});
