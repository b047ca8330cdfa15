import { makeOpenApi } from '@berth/contract/openapi';
import { type Route, routes } from '@berth/contract/routes';
import { registerHost } from '@berth/shared/store/hosts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
let site: string;
let domain: string;
let operation: string;
let customer: string;

const allScopes = ['orders:write', 'sites:read', 'sites:write', 'operator'];

beforeAll(async () => {
  api = await startTestApi();
  const order = anOrder();
  const { body } = await api.ask('POST', '/v1/orders', { body: order, headers: { 'idempotency-key': 'one' } });
  site = body.site;
  domain = body.domain;
  operation = body.operation.id;
  customer = (order.customer as { id: string }).id;
  await registerHost(api.context.db, {
    id: 'alpha',
    customerPorts: { start: 3100, end: 3109 },
    memoryBytes: 8e9,
    cpus: 4,
    labels: { region: 'eu' },
    versions: { docker: '20.10.24' },
  });
  await api.ask('PUT', '/v1/registries/ghcr.io', { body: { username: 'berth', password: 'pass-word' } });
});
afterAll(() => api.close());

const fill = (path: string) =>
  path
    .replace('{key}', site)
    .replace('{registry}', 'ghcr.io')
    .replace('{host}', 'alpha')
    .replace('{customer}', customer)
    .replace('{orderId}', 'order-1')
    .replace('{id}', operation);

describe('every route', () => {
  const closed = Object.entries<Route>(routes).filter(([, { customers }]) => customers !== 'anybody');

  test.each(closed)('%s refuses strangers, and keys without its scope', async (_name, route) => {
    const ask = (key: string | null) =>
      api.ask(route.method.toUpperCase(), fill(route.path), { key, ...(route.body && { body: {} }) });
    const stranger = await ask(null);
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('www-authenticate')).toContain('Bearer');
    expect((await ask('berth_wrong')).status).toBe(401);
    const lacking = allScopes.filter((scope) => !(route.scopes as readonly string[]).includes(scope));
    const refused = await ask(await api.makeKey(...lacking));
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 403, code: 'auth.forbidden' });
  });

  test.each(closed.filter(([, { method, scopes }]) => method === 'get' && scopes.length > 0))(
    '%s answers by its schema',
    async (name, route) => {
      const { status, body, text } = await api.ask('GET', fill(route.path));
      const missing: Record<string, string> = { getSiteTunnel: 'tunnel.not-found', getDelivery: 'delivery.not-found' };
      if (missing[name]) {
        expect({ status, code: body.code }).toEqual({ status: 404, code: missing[name] });
        return;
      }
      expect(status, text).toBe(200);
      expect(route.answer.parse(body)).toEqual(body);
    },
  );

  test('says 404 for what is not there, and 405 with Allow for another method', async () => {
    for (const path of [
      '/v1/nothing',
      '/v1/sites/nobody',
      '/v1/orders/none',
      '/v1/operations/none',
      '/v1/sites/nobody/events',
    ]) {
      const { status, body } = await api.ask('GET', path);
      expect({ path, status, problem: body.status }).toEqual({ path, status: 404, problem: 404 });
    }
    const refused = await api.ask('PUT', '/v1/orders', { body: {} });
    expect({ status: refused.status, allow: refused.headers.get('allow') }).toEqual({
      status: 405,
      allow: 'POST, GET',
    });
  });

  test('carries the id of its request, the own one of the caller when it sent a fair one', async () => {
    const given = await api.ask('GET', '/v1/nothing', { headers: { 'x-request-id': 'order-system-1' } });
    expect([given.headers.get('x-request-id'), given.body.requestId]).toEqual(['order-system-1', 'order-system-1']);
    const unfair = await api.ask('GET', '/v1/nothing', { headers: { 'x-request-id': '<script>' } });
    expect(unfair.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });
});

describe('lists', () => {
  test('go on where the page before ended, by an opaque cursor and a Link', async () => {
    for (let n = 0; n < 5; n += 1) {
      await api.ask('POST', '/v1/orders', { body: anOrder(), headers: { 'idempotency-key': `page-${n}` } });
    }
    const seen: string[] = [];
    let next: string | null = '/v1/sites?limit=2';
    while (next) {
      const { body, headers } = await api.ask('GET', next);
      seen.push(...body.data.map((one: { key: string }) => one.key));
      const link: string | undefined = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      expect(Boolean(link)).toBe(body.nextCursor !== null);
      next = link ?? null;
    }
    expect(seen.length).toBe(6);
    expect(new Set(seen).size).toBe(6);
  });

  test.each([
    '/v1/sites?limit=0',
    '/v1/sites?limit=201',
    '/v1/sites?cursor=x',
    '/v1/sites?surplus=1',
    '/v1/tunnels?cursor=%00',
    '/v1/sites?gone=maybe',
  ])('refuse %s with a pointer', async (path) => {
    const { status, body } = await api.ask('GET', path);
    expect(status).toBe(422);
    expect(body.errors[0].pointer).toMatch(/^#query\//);
  });
});

describe('changes of a site', () => {
  test('are operations with an address, and the site tells of them', async () => {
    const restart = await api.ask('POST', `/v1/sites/${site}/restarts`, { body: { target: 'container' } });
    expect(restart.status, restart.text).toBe(202);
    expect(restart.headers.get('location')).toBe(restart.body.url);
    expect(restart.body).toMatchObject({ kind: 'restart', target: 'container', site, status: 'running' });
    const deploy = await api.ask('POST', `/v1/sites/${site}/deploys`, { body: { image: 'berth-demo/site:2' } });
    expect(deploy.body).toMatchObject({ kind: 'deploy', status: 'running' });
    expect((await api.ask('GET', `/v1/sites/${site}`)).body.release).toMatchObject({
      number: 2,
      profile: 'strict',
      outcome: 'pending',
    });
    await api.ask('POST', `/v1/sites/${site}/deploys`, { body: { image: 'berth-demo/site:2', profile: 'compatible' } });
    await api.ask('POST', `/v1/sites/${site}/deploys`, { body: { image: 'berth-demo/site:1' } });
    expect((await api.ask('GET', `/v1/sites/${site}`)).body.release).toMatchObject({
      number: 4,
      profile: 'compatible',
    });
    const { body: events } = await api.ask('GET', `/v1/sites/${site}/events`);
    expect(events.data.map((event: { type: string }) => event.type)).toEqual([
      'order.accepted',
      'restart.requested',
      'deploy.requested',
      'deploy.requested',
      'deploy.requested',
    ]);
  });

  test('are refused where they make no sense', async () => {
    const confirm = await api.ask('POST', `/v1/sites/${site}/confirmations`, { body: {} });
    expect({ status: confirm.status, code: confirm.body.code }).toEqual({
      status: 409,
      code: 'site.nothing-to-confirm',
    });
    const mismatch = await api.ask('DELETE', `/v1/sites/${site}`, { body: { domain: 'other.de' } });
    expect({ status: mismatch.status, code: mismatch.body.code }).toEqual({ status: 409, code: 'domain.mismatch' });
    for (const [path, body] of [
      ['restarts', { target: 'host' }],
      ['deploys', { image: 'A B' }],
      ['deploys', {}],
      ['deploys', { image: 'berth-demo/site:2', profile: 'root' }],
    ] as const) {
      expect((await api.ask('POST', `/v1/sites/${site}/${path}`, { body })).status).toBe(422);
    }
  });

  test('end with the deletion, which is one operation however often it is asked for', async () => {
    const first = await api.ask('DELETE', `/v1/sites/${site}`, { body: { domain } });
    const second = await api.ask('DELETE', `/v1/sites/${site}`, { body: { domain: domain.toUpperCase() } });
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body.id).toBe(first.body.id);
    expect((await api.ask('GET', `/v1/sites/${site}`)).body.state).toBe('leaving');
    const late = await api.ask('POST', `/v1/sites/${site}/restarts`, { body: { target: 'tunnel' } });
    expect({ status: late.status, code: late.body.code }).toEqual({ status: 409, code: 'site.leaving' });
    expect((await api.ask('GET', `/v1/operations/${operation}`)).body.status).toBe('canceled');
  });
});

describe('what needs no key', () => {
  test('is the health of the process and of what it stands on', async () => {
    for (const path of ['/livez', '/readyz']) {
      expect(await api.ask('GET', path, { key: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
    }
  });

  test('is the description, made from the same schemas', async () => {
    const { body: outer } = await api.ask('GET', '/v1/openapi.json', { key: null });
    expect(outer.paths['/v1/orders'].post.operationId).toBe('createOrder');
    expect(outer.paths['/v1/users']).toBeUndefined();
    const { status, body } = await api.ask('GET', '/v1/openapi.json');
    expect(status).toBe(200);
    expect(body).toEqual(JSON.parse(JSON.stringify(makeOpenApi(body.info.version))));
  });

  test('is the page about it, whose parts all come from here', async () => {
    const { status, text, headers } = await api.ask('GET', '/docs', { key: null });
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    const parts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => part ?? '');
    expect(parts.length).toBe(4);
    for (const part of parts) expect((await api.ask('GET', part, { key: null })).status, part).toBe(200);
  });
});
