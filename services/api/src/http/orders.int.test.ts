import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ BERTH_RESERVED_DOMAINS: 'delqhi.com, müller-shop.de' });
});
afterAll(() => api.close());

const post = (order: Record<string, unknown>, key: string, more: Parameters<TestApi['ask']>[2] = {}) =>
  api.ask('POST', '/v1/orders', { body: order, headers: { 'idempotency-key': key }, ...more });

async function counts(): Promise<Record<string, number>> {
  const { rows } = await api.context.db.pool.query(
    `select (select count(*)::int from customers) as customers, (select count(*)::int from orders) as orders,
      (select count(*)::int from sites) as sites, (select count(*)::int from idempotency_keys) as keys`,
  );
  return rows[0];
}

describe('POST /v1/orders', () => {
  test('answers 202 with the operation, the site, its state and no name servers yet', async () => {
    const order = anOrder({ customer: { id: 'customer_123', name: 'Erika', email: 'e@example.org' } });
    const { status, headers, body } = await post(order, 'key-of-first');
    expect(status).toBe(202);
    expect(body).toEqual({
      orderId: order.orderId,
      site: 'customer_123',
      domain: order.domain,
      state: 'queued',
      nameServers: [],
      operation: { id: expect.any(String), url: `/v1/operations/${body.operation.id}` },
    });
    expect(headers.get('location')).toBe(body.operation.url);
    expect(headers.has('idempotent-replayed')).toBe(false);
    expect((await api.ask('GET', body.operation.url)).body).toMatchObject({ kind: 'order', status: 'running' });
  });

  test('answers the same key and the same body as it did the first time', async () => {
    const order = anOrder();
    const first = await post(order, 'key-of-twice');
    const second = await post({ ...order }, '"key-of-twice"');
    expect(second.status).toBe(202);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.body).toEqual(first.body);
  });

  test('answers another key and the same order with the site that it has', async () => {
    const order = anOrder();
    const first = await post(order, 'key-a');
    const second = await post(order, 'key-b');
    expect(second.status).toBe(202);
    expect(second.body.operation).toEqual(first.body.operation);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  test('makes one site of the same order posted 50 times at once', async () => {
    const before = await counts();
    const order = anOrder();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(order, 'key-of-fifty')));
    const good = answers.filter(({ status }) => status === 202);
    expect(good.length).toBeGreaterThan(0);
    expect(new Set(good.map(({ body }) => body.operation.id)).size).toBe(1);
    for (const { status, body, headers } of answers.filter((answer) => answer.status !== 202)) {
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'idempotency.in-flight' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await counts()).sites).toBe((before.sites ?? 0) + 1);
  });

  test.each([
    ['the same key with another body', 422, 'idempotency.key-reused', 'first', { licenseKey: 'another' }],
    ['the same order with other content', 409, 'order.conflict', 'second', { licenseKey: 'another' }],
    [
      'a domain that another site has',
      409,
      'domain.in-use',
      'third',
      { orderId: 'x-3', customer: { id: 'other', name: 'O', email: 'o@example.org' } },
    ],
  ])('refuses %s', async (_name, status, code, key, change) => {
    const order = anOrder();
    await post(order, code === 'idempotency.key-reused' ? key : `${key}-before`);
    const before = await counts();
    const refused = await post({ ...order, ...change }, key);
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status, code });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(await counts()).toEqual(before);
  });

  test.each([[undefined], [''], ['ümlaut'], ['x'.repeat(256)], ['two words']])('refuses the key %j', async (key) => {
    const headers: Record<string, string> =
      key === undefined ? {} : { 'idempotency-key': encodeURI(key) === key || key.includes(' ') ? key : '\u00fc' };
    const refused = await api.ask('POST', '/v1/orders', { body: anOrder(), headers });
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 400,
      code: 'idempotency.key-required',
    });
  });

  test.each(['delqhi.com', 'müller-shop.de', 'xn--mller-shop-9db.de'])(
    'refuses the reserved domain %s',
    async (domain) => {
      const refused = await post(anOrder({ domain }), `reserved-${encodeURIComponent(domain)}`);
      expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 409, code: 'domain.reserved' });
    },
  );

  test('takes existingZone only from a key that may say so', async () => {
    const key = await api.makeKey('orders:write');
    const refused = await post(anOrder({ existingZone: true }), 'existing-1', { key });
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 403, code: 'auth.forbidden' });
    const operator = await api.makeKey('orders:write', 'operator');
    expect((await post(anOrder({ existingZone: true }), 'existing-2', { key: operator })).status).toBe(202);
  });

  test("gives a customer's further sites keys of their own", async () => {
    const customer = { id: 'many', name: 'Many', email: 'm@example.org' };
    const answers = await Promise.all([1, 2, 3].map((n) => post(anOrder({ customer }), `many-${n}`)));
    expect(answers.map(({ body }) => body.site).sort()).toEqual(['many', 'many.2', 'many.3']);
  });

  test('never shows a licence key again', async () => {
    const licenseKey = 'LICENSE-5ecret-value';
    const { body, text } = await post(anOrder({ licenseKey }), 'secret-1');
    expect(text).not.toContain(licenseKey);
    for (const path of [`/v1/sites/${body.site}`, `/v1/sites/${body.site}/events`, `/v1/orders/${body.orderId}`]) {
      expect((await api.ask('GET', path)).text).not.toContain(licenseKey);
    }
    const { rows } = await api.context.db.pool.query('select row_to_json(s) as row from sites s');
    expect(JSON.stringify(rows)).not.toContain(licenseKey);
  });
});
