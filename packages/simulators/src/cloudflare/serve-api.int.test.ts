import { afterEach, describe, expect, test } from 'vitest';
import { type CallApi, makeApiClient, toOutcome } from '../testing/make-api-client.ts';
import { type CloudflareOptions, type CloudflareSimulator, startCloudflare } from './start-cloudflare.ts';

const foreignToken = 'x'.repeat(40);
const otherId = '0'.repeat(32);

let simulator: CloudflareSimulator;

async function start(options: Partial<CloudflareOptions> = {}): Promise<CallApi> {
  simulator = await startCloudflare({ profile: 'enterprise', ...options });
  return makeApiClient(simulator);
}

const callAs = async (authorization: string | null, path: string) =>
  toOutcome(await makeApiClient(simulator, { authorization })('GET', path));

afterEach(() => simulator.stop());

describe('the simulated API', () => {
  test('lets nobody in without its token', async () => {
    await start();
    expect(await callAs(null, '/zones')).toEqual([400, 9106]);
    expect(await callAs(`Bearer ${foreignToken}`, '/zones')).toEqual([401, 10_000]);
    expect(await callAs(`Bearer ${foreignToken}`, '/user/tokens/verify')).toEqual([401, 1000]);
    for (const malformed of ['Bearer short', `Basic ${foreignToken}`, `Bearer ${foreignToken} x`]) {
      const { status, body } = await makeApiClient(simulator, { authorization: malformed })('GET', '/zones');
      expect([status, body.errors]).toMatchObject([400, [{ code: 6003, error_chain: [{ code: 6111 }] }]]);
    }
  });

  test('verifies its own token with a message', async () => {
    const call = await start();
    for (const path of ['/user/tokens/verify', `/accounts/${simulator.accountId}/tokens/verify`]) {
      const { body } = await call('GET', path);
      expect(body).toMatchObject({ result: { status: 'active' }, messages: [{ code: 10_000, type: null }] });
    }
  });

  test('says 403 for what the token may not do', async () => {
    const call = await start({ permissions: ['zone.read', 'dns.read', 'tunnel.read'] });
    const { id } = await simulator.control.addZone('mustermann.de', 'active');
    const zone = { account: { id: simulator.accountId }, name: 'beispiel.de' };
    expect(toOutcome(await call('POST', '/zones', zone))).toEqual([403, 0]);
    expect(toOutcome(await call('DELETE', `/zones/${id}`))).toEqual([403, 10_000]);
    expect(toOutcome(await call('POST', `/zones/${id}/dns_records`, {}))).toEqual([403, 10_000]);
    const tunnels = `/accounts/${simulator.accountId}/cfd_tunnel`;
    expect(toOutcome(await call('POST', tunnels, { name: 'a' }))).toEqual([403, 10_000]);
    const tunnel = await simulator.control.addTunnel('a');
    expect(toOutcome(await call('GET', `${tunnels}/${tunnel.id}`))).toEqual([200]);
    expect(toOutcome(await call('GET', `${tunnels}/${tunnel.id}/token`))).toEqual([403, 10_000]);
    expect((await call('GET', `/zones/${id}`)).body.result.permissions).toEqual(['#zone:read', '#dns_records:read']);
  });

  test("says 403 for other people's zones and accounts", async () => {
    const call = await start();
    expect(toOutcome(await call('GET', `/zones/${otherId}`))).toEqual([403, 9109]);
    expect(toOutcome(await call('GET', `/zones/${otherId}/dns_records`))).toEqual([403, 9109]);
    expect(toOutcome(await call('GET', `/accounts/${otherId}/cfd_tunnel`))).toEqual([403, 10_000]);
    const zone = { account: { id: otherId }, name: 'beispiel.de' };
    expect(toOutcome(await call('POST', '/zones', zone))).toEqual([403, 0]);
  });

  test('says 7003 for ids that are none and paths that lead nowhere', async () => {
    const call = await start();
    expect(toOutcome(await call('GET', '/zones/mustermann.de'))).toEqual([400, 7003, 7000]);
    expect(toOutcome(await call('GET', `/zones/${otherId}/dns_records/1`))).toEqual([400, 7003, 7000]);
    expect(toOutcome(await call('GET', `/accounts/${simulator.accountId}/cfd_tunnel/customer-a`))).toEqual([
      400, 7003, 7000,
    ]);
    expect(toOutcome(await call('GET', '/nothing'))).toEqual([404, 7003, 7000]);
    expect(toOutcome(await call('PUT', '/zones', {}))).toEqual([405, 10_000]);
  });

  test('refuses query parameters and fields that it does not know', async () => {
    const call = await start();
    const { id } = await simulator.control.addZone('mustermann.de', 'active');
    const tunnels = `/accounts/${simulator.accountId}/cfd_tunnel`;
    const refused = ['/zones?nonsense=1', '/zones?name=a.de&name=b.de', '/zones?status=pending,active']
      .concat(['/zones?order=plan', '/zones?direction=up', '/zones?name=like:a', '/zones?constructor=1'])
      .concat([`/zones/${id}?name=a`, `/zones/${id}/dns_records?comment=a&tag=b`, `/zones/${id}/dns_records?type=X`])
      .concat([`${tunnels}?is_deleted=no`, `${tunnels}?status=up`, `${tunnels}?existed_at=soon`]);
    await simulator.control.addTunnel('a');
    for (const path of refused) {
      expect([path, ...toOutcome(await call('GET', path))]).toEqual([path, 400, 1001]);
    }
    expect(toOutcome(await call('POST', tunnels, { name: 'b', metadata: {} }))).toEqual([400, 1001]);
    expect(toOutcome(await call('PATCH', `/zones/${id}`, { name: 'c.de' }))).toEqual([400, 1001]);
  });

  test('refuses bodies that are no JSON object', async () => {
    await start();
    const send = async (body: string) => {
      const headers = { authorization: `Bearer ${simulator.apiToken}`, 'content-type': 'application/json' };
      const answer = await fetch(`${simulator.apiUrl}/zones`, { method: 'POST', headers, body });
      return [answer.status, ((await answer.json()) as { errors: { code: number }[] }).errors[0]?.code];
    };
    for (const body of ['{', '[]', 'null', '"a"']) expect(await send(body)).toEqual([400, 6007]);
    expect(await send(JSON.stringify({ name: 'x'.repeat(200_000) }))).toEqual([413, 10_002]);
  });
});

describe('the rate limit', () => {
  test('lets 1200 calls through in five minutes, then says when to come back', async () => {
    const call = await start({ profile: 'ordinary' });
    const path = `/accounts/${simulator.accountId}`;
    const first = await call('GET', path);
    expect(first.headers.get('ratelimit')).toMatch(/^"default";r=1199;t=(300|299)$/);
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=1200;w=300');
    // Calls of those who aren't let in don't count.
    await callAs(`Bearer ${foreignToken}`, path);
    for (let batch = 0; batch < 11; batch += 1) {
      const answers = await Promise.all(Array.from({ length: 109 }, () => call('GET', path)));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    }
    const refused = await call('GET', path);
    expect(toOutcome(refused)).toEqual([429, 971]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(240);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(300);
    expect(refused.headers.get('ratelimit')).toMatch(/r=0;/);
    expect(toOutcome(await call('POST', '/zones', { name: 'a.de' }))).toEqual([429, 971]);
  });

  test('is far away with the profile enterprise', async () => {
    const call = await start();
    const { headers } = await call('GET', '/zones');
    expect(headers.get('ratelimit-policy')).toBe('"default";q=10000000;w=300');
  });
});
