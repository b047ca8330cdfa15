import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ BERTH_RESERVED_DOMAINS: 'shop.example.com', CUSTOMER_PORT_END: '3199' });
});
afterAll(() => api.close());

const put = (key: string, body: unknown, more = {}) => api.ask('PUT', `/v1/sites/${key}/tunnel`, { body, ...more });
const deploy = (key: string, body: Record<string, unknown>, more = {}) =>
  api.ask('POST', `/v1/sites/${key}/deploys`, { body: { image: 'shop:1', ...body }, ...more });

describe('PUT /v1/sites/{key}/tunnel', () => {
  test('makes a site of a tunnel alone, once, and shows what it has', async () => {
    const first = await put('tunnel_1', { domain: 'one.de', port: 3150 });
    expect(first.status, first.text).toBe(202);
    expect(first.headers.get('location')).toBe(first.body.url);
    expect(first.body).toMatchObject({ kind: 'create-tunnel', status: 'running', site: 'tunnel_1' });
    expect(first.body.steps.map((step: { aspect: string }) => step.aspect)).not.toContain('container');
    expect((await put('tunnel_1', { domain: 'one.de' })).status).toBe(202);
    const { body } = await api.ask('GET', '/v1/sites?limit=200');
    const [site, ...others] = body.data.filter((one: { key: string }) => one.key === 'tunnel_1');
    expect(others).toEqual([]);
    expect(site).toMatchObject({ orderId: null, customer: 'tunnel_1', domain: 'one.de', parts: ['tunnel'] });
  });

  test.each([
    [{ domain: 'two.de', port: 4000 }, 422, 'request.invalid', 'must be a whole number from 3000 to 3999'],
    [{ domain: 'two.de', port: 3200 }, 422, 'port.out-of-range', 'must be from 3100 to 3199'],
    [{ domain: 'www.two.de' }, 422, 'request.invalid', 'two.de'],
    [{ domain: 'one.de' }, 409, 'domain.in-use', 'one.de'],
  ])('refuses %j with %i %s, and stores nothing', async (body, status, code, detail) => {
    const refused = await put('tunnel_2', body);
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status, code });
    expect(refused.text).toContain(detail);
    expect((await api.ask('GET', '/v1/sites/tunnel_2')).status).toBe(404);
  });

  test('refuses what an operator alone may do', async () => {
    const key = await api.makeKey('sites:write', 'orders:write');
    expect((await put('tunnel_3', { domain: 'three.de' }, { key })).status).toBe(403);
    expect((await deploy('tunnel_3', { licenseKey: 'l', create: true }, { key })).body.code).toBe('auth.forbidden');
    expect((await deploy('tunnel_3', { licenseKey: 'l' }, { key })).body.code).toBe('site.not-found');
  });
});

describe('a site of a container alone', () => {
  test('is made by a deploy that says so, and takes a licence key', async () => {
    const refused = await deploy('inner', { create: true });
    expect(refused.body).toMatchObject({ code: 'license.required', errors: [{ pointer: '#/licenseKey' }] });
    const { status, body } = await deploy('inner', { create: true, licenseKey: 'l', port: 3020 });
    expect(status).toBe(202);
    expect(body.steps.map((step: { aspect: string }) => step.aspect)).toEqual(['placement']);
    const site = await api.ask('GET', '/v1/sites/inner');
    expect(site.body).toMatchObject({ domain: null, url: null, parts: ['container'], environment: 'staging' });
    expect((await api.ask('POST', '/v1/sites/inner/restarts', { body: { target: 'tunnel' } })).body.code).toBe(
      'site.part-missing',
    );
    expect((await api.ask('DELETE', '/v1/sites/inner', { body: { domain: null } })).status).toBe(202);
  });
});
