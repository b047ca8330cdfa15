import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

let keys = 0;
const post = (more: Parameters<TestApi['ask']>[2]) => {
  keys += 1;
  return api.ask('POST', '/v1/orders', { ...more, headers: { 'idempotency-key': `bad-${keys}`, ...more?.headers } });
};

const customer = { id: 'fine', name: 'Fine', email: 'fine@example.org' };

describe('an order with bad input', () => {
  test.each<[what: string, order: Record<string, unknown>, pointer: string]>([
    ['no order id', { orderId: undefined }, '#/orderId'],
    ['a number for an order id', { orderId: 7 }, '#/orderId'],
    ['an order id with blanks', { orderId: 'a b' }, '#/orderId'],
    ['no customer', { customer: undefined }, '#/customer'],
    ['a customer id in capitals', { customer: { ...customer, id: 'Fine' } }, '#/customer/id'],
    ['a customer id with a dot', { customer: { ...customer, id: 'a.2' } }, '#/customer/id'],
    ['a customer id with a path', { customer: { ...customer, id: '../etc/passwd' } }, '#/customer/id'],
    ['a customer id with a command', { customer: { ...customer, id: 'a$(reboot)' } }, '#/customer/id'],
    ['a customer id with a line break', { customer: { ...customer, id: 'a\n' } }, '#/customer/id'],
    ['a customer id of 41 characters', { customer: { ...customer, id: 'a'.repeat(41) } }, '#/customer/id'],
    ['a blank name', { customer: { ...customer, name: ' ' } }, '#/customer/name'],
    ['a name with a NUL', { customer: { ...customer, name: 'a\0b' } }, '#/customer/name'],
    ['no e-mail address', { customer: { ...customer, email: 'nobody' } }, '#/customer/email'],
    ['a field of a customer that is not known', { customer: { ...customer, vip: true } }, '#/customer/vip'],
    ['a subdomain', { domain: 'www.mustermann.de' }, '#/domain'],
    ['a domain with a scheme', { domain: 'https://mustermann.de' }, '#/domain'],
    ['an address for a domain', { domain: '127.1' }, '#/domain'],
    ['an empty label', { domain: 'a..de' }, '#/domain'],
    ['an image with blanks', { image: 'site:1 --privileged' }, '#/image'],
    ['an image in capitals', { image: 'Registry/Site' }, '#/image'],
    ['an empty licence key', { licenseKey: '' }, '#/licenseKey'],
    ['a licence key with a NUL', { licenseKey: 'a\0b' }, '#/licenseKey'],
    ['an unknown environment', { environment: 'test' }, '#/environment'],
    ['a variable that is no name', { env: { 'A-B': '1' } }, '#/env/A-B'],
    ['a variable with slashes, by its escaped pointer', { env: { 'A/B~C': '1' } }, '#/env/A~1B~0C'],
    ['a variable that Berth sets', { env: { DELQHI_LICENSE_KEY: 'x' } }, '#/env/DELQHI_LICENSE_KEY'],
    ['a variable with a NUL', { env: { A: 'a\0' } }, '#/env/A'],
    ['a variable that is no text', { env: { A: 1 } }, '#/env/A'],
    ['too little memory', { memory: '1m' }, '#/memory'],
    ['memory without a unit', { memory: '512' }, '#/memory'],
    ['no processor', { cpus: '0' }, '#/cpus'],
    ['a health path with blanks', { healthPath: '/he alth' }, '#/healthPath'],
    ['a health path that is an address', { healthPath: 'http://169.254.169.254/' }, '#/healthPath'],
    ['a port of the other environment', { port: 3050 }, '#/port'],
    ['a port of nobody', { port: 4000 }, '#/port'],
    ['a field that is not known', { privileged: true }, '#/privileged'],
    ['a list', { domain: ['a.de'] }, '#/domain'],
  ])('is refused with a pointer for %s', async (_what, change, pointer) => {
    const refused = await post({ body: { ...anOrder(), ...change } });
    expect(refused.status, refused.text).toBe(422);
    expect(refused.body.errors.map((one: { pointer: string }) => one.pointer)).toContain(pointer);
    expect(refused.body).toMatchObject({ status: 422, requestId: expect.any(String), title: expect.any(String) });
  });

  test('is told all problems at once', async () => {
    const refused = await post({ body: { ...anOrder(), domain: 'x', image: 'A B', surplus: 1, memory: '1m' } });
    const pointers = refused.body.errors.map((one: { pointer: string }) => one.pointer);
    expect(pointers).toContain('#/surplus');
    const read = await post({ body: { ...anOrder(), domain: 'x', image: 'A B', memory: '1m' } });
    expect(read.body.errors.map((one: { pointer: string }) => one.pointer)).toEqual([
      '#/domain',
      '#/image',
      '#/memory',
    ]);
  });

  test.each([
    ['broken JSON', '{"orderId": ', 400, 'request.malformed'],
    ['a JSON text', '"order"', 400, 'request.malformed'],
    ['a JSON list', '[]', 422, 'request.invalid'],
    ['65 kB', JSON.stringify(anOrder({ licenseKey: 'x'.repeat(66_000) })), 413, 'request.too-large'],
  ])('is refused for %s', async (_what, raw, status, code) => {
    const refused = await post({ raw });
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status, code });
    expect(refused.body.errors[0].pointer).toBe('#');
  });

  test('is refused without a body, by the first field that is missing', async () => {
    const refused = await post({ raw: '' });
    expect({ status: refused.status, pointer: refused.body.errors[0].pointer }).toEqual({
      status: 422,
      pointer: '#/orderId',
    });
  });

  test('is refused when it is nested deeper than anything that is known', async () => {
    const raw = `${JSON.stringify(anOrder()).slice(0, -1)},"env":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    expect((await post({ raw })).status).toBe(422);
  });

  test('is refused when it says that it is something else than JSON', async () => {
    const refused = await post({ raw: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 415,
      code: 'request.unsupported-media-type',
    });
  });

  test('is refused for a key that would change what all objects are', async () => {
    const raw = JSON.stringify({ ...anOrder(), env: {} }).replace('"env":{}', '"env":{"__proto__":"x"}');
    const refused = await post({ raw });
    expect(refused.status).toBe(422);
    const strict = await post({ raw: JSON.stringify(anOrder()).replace('{', '{"__proto__":{"a":1},') });
    expect(strict.status).toBe(422);
  });

  test('stores nothing', async () => {
    const { rows } = await api.context.db.pool.query(
      'select (select count(*)::int from customers) + (select count(*)::int from orders) + (select count(*)::int from idempotency_keys) as n',
    );
    expect(rows[0].n).toBe(0);
  });
});

describe('an image that IMAGE_ALLOWLIST does not name', () => {
  let strict: TestApi;

  beforeAll(async () => {
    strict = await startTestApi({ IMAGE_ALLOWLIST: 'registry.example.org/acme/*, nginx' });
  });
  afterAll(() => strict.close());

  const order = (image: string, key: string) =>
    strict.ask('POST', '/v1/orders', { body: anOrder({ image }), headers: { 'idempotency-key': key } });

  test('is refused at intake with a pointer, and nothing is stored', async () => {
    const { status, body } = await order('evil.example.com/registry.example.org/acme/site:1', 'a');
    expect({ status, code: body.code, errors: body.errors }).toMatchObject({
      status: 422,
      code: 'image.not-allowed',
      errors: [{ pointer: '#/image', detail: expect.stringContaining('evil.example.com') }],
    });
    expect((await strict.ask('GET', '/v1/sites')).body.data).toEqual([]);
  });

  test('is refused at a deploy, while one that is named is taken', async () => {
    const { body: accepted } = await order('docker.io/library/nginx:1.27', 'b');
    const deploy = (image: string) => strict.ask('POST', `/v1/sites/${accepted.site}/deploys`, { body: { image } });
    const refused = await deploy('registry.example.org/acme-evil/site:1');
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 422, code: 'image.not-allowed' });
    expect((await deploy('registry.example.org/acme/site:1')).status).toBe(202);
  });
});
