import { makeOpenApi } from '@berth/contract/openapi';
import { type Route, routes } from '@berth/contract/routes';
import { registerHost } from '@berth/shared/store/hosts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, signedInAs, signedInCustomer, type TestBrowser } from '../testing/browser.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

type Customer = Awaited<ReturnType<typeof signedInCustomer>>;

let api: TestApi;
let mine: Customer;
let theirs: Customer;
let viewer: TestBrowser;
let operator: TestBrowser;
let admin: TestBrowser;

/** What only those who run Berth may see; the digits alone may be in any id. */
const INTERNAL = ['hostalpha', 'port 31077'];

beforeAll(async () => {
  api = await startTestApi();
  mine = await signedInCustomer(api);
  theirs = await signedInCustomer(api);
  viewer = await signedInAs(api, 'viewer');
  operator = await signedInAs(api, 'operator');
  admin = await signedInAs(api, 'admin');
  const { db } = api.context;
  const ports = { start: 3100, end: 3109 };
  await registerHost(db, {
    id: 'hostalpha',
    customerPorts: ports,
    memoryBytes: 8e9,
    cpus: 4,
    labels: {},
    versions: {},
  });
  await db.pool.query(
    `insert into placements (site_id, host_id, slot, port) select id, 'hostalpha', 7, 3107 from sites where key = $1`,
    [mine.site],
  );
  await db.pool.query(
    `update site_conditions set message = 'port 31077 of hostalpha' where aspect not in ('zone', 'reachable')`,
  );
  await db.pool.query(
    `with counted as (update sites set event_seq = event_seq + 1 where key = $1 returning id, event_seq)
    insert into site_events (site_id, seq, type, aspect, message, data)
    select id, event_seq, 'condition.changed', 'container', 'port 31077 of hostalpha', '{"host": "hostalpha"}' from counted`,
    [mine.site],
  );
});
afterAll(() => api.close());

const described = Object.entries(
  makeOpenApi('1').paths as Record<string, Record<string, { operationId: keyof typeof routes }>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ name: operationId, method, path })),
);
const cases = described.map((one) => [one.name, one, routes[one.name] as Route] as const);
const nobodyId = '00000000-0000-4000-8000-000000000000';

/** A path with what belongs to a customer; whatever else it names is not there. */
const fill = (path: string, { site, orderId, operation, customer }: Customer) =>
  path
    .replace('{key}', site)
    .replace('{orderId}', orderId)
    .replace('{id}', operation)
    .replace('{customer}', customer)
    .replaceAll(/\{\w+\}/g, nobodyId);
const send = (browser: TestBrowser, method: string, path: string, route: Route) =>
  browser.ask(method.toUpperCase(), path, route.body ? {} : undefined);
const REFUSED = [401, 403];
/** What was sent is refused before anything could change. */
const NOT_UNDERSTOOD = [400, 415, 422, 428];

describe('every route that is described', () => {
  test('is one of the contract, and the other way round', () => {
    expect(described.map(({ name }) => name).sort()).toEqual(Object.keys(routes).sort());
  });

  test.each(cases)('%s: strangers get nothing unless it is for anybody', async (_name, { method, path }, route) => {
    const { status } = await send(openBrowser(api), method, fill(path, mine), route);
    if (route.customers === 'anybody') expect(REFUSED.includes(status) && status !== 401).toBe(false);
    else expect(status).toBe(401);
  });

  test.each(cases)(
    "%s: a customer reads and changes nothing that is another's",
    async (_name, { method, path }, route) => {
      if (route.customers === 'self' && method !== 'get') return;
      const { status, text } = await send(mine.browser, method, fill(path, theirs), route);
      for (const secret of [theirs.site, theirs.email, theirs.customer, ...INTERNAL]) {
        if (status < 300) expect(text).not.toContain(secret);
      }
      if (route.customers === 'nothing') expect(status).toBe(403);
      if (route.customers === 'own') expect(status).toBe(404);
    },
  );

  test.each(cases)(
    '%s: a customer gets what is theirs without what is internal',
    async (_name, { method, path }, route) => {
      if (route.customers !== 'own' && route.customers !== 'listed') return;
      const { status, text, body } = await send(mine.browser, method, fill(path, mine), route);
      expect(REFUSED).not.toContain(status);
      for (const internal of INTERNAL) expect(text).not.toContain(internal);
      if (status === 200) expect(route.answer.parse(body)).toEqual(body);
    },
  );

  test.each(cases)(
    '%s: a viewer changes nothing, an operator nothing that is for admins',
    async (_name, { method, path }, route) => {
      if (route.customers === 'anybody' || route.customers === 'self') return;
      const looked = (await send(viewer, method, fill(path, mine), route)).status;
      expect(REFUSED.includes(looked)).toBe(!route.scopes.includes('sites:read'));
      if (method !== 'get' && !route.asksOnly) expect(looked).toBe(403);
      const isForAdmins = route.scopes.every((scope) => scope === 'admin' || scope === 'orders:write');
      const path_ = isForAdmins ? fill(path, mine) : fill(path, { ...mine, site: 'nobody', customer: 'nobody' });
      expect(REFUSED.includes((await send(operator, method, path_, route)).status)).toBe(isForAdmins);
    },
  );
});

describe('a foreign page', () => {
  test.each(cases)('changes nothing by %s with the cookies of an admin', async (_name, { method, path }, route) => {
    if (method === 'get') return;
    const cookie = admin.cookie();
    const pages: Record<string, string>[] = [{ origin: 'https://evil.example' }, {}];
    for (const page of pages) {
      const headers = { cookie, ...page };
      const asked = { key: null, headers, ...(route.body && { body: {} }) };
      const { status, body } = await api.ask(method.toUpperCase(), fill(path, mine), asked);
      expect({ status, code: body?.code }).toEqual({ status: 403, code: 'auth.foreign-page' });
    }
  });
});

describe('an admin', () => {
  test.each(cases)('may call %s, unless it takes a key', async (_name, { method, path }, route) => {
    if (route.customers === 'anybody' || route.customers === 'self') return;
    const nobodys = fill(path, { ...mine, site: 'nobody', customer: 'nobody', orderId: 'nobody', operation: nobodyId });
    const { status } = await send(admin, method, method === 'get' ? fill(path, mine) : nobodys, route);
    expect(REFUSED.includes(status)).toBe(route.idempotent === true);
  });
});

describe('what changed', () => {
  test.each(cases)('is told, whatever changed it: %s', async (name, { method, path }, route) => {
    if (method === 'get' || route.asksOnly || route.idempotent) return;
    if (route.customers === 'anybody' || route.customers === 'self') return;
    const nobodys = { ...mine, site: 'nobody', customer: 'nobody', orderId: 'nobody', operation: nobodyId };
    const { status } = await send(admin, method, fill(path, nobodys), route);
    if (NOT_UNDERSTOOD.includes(status)) return;
    const { data } = (await api.ask('GET', `/v1/audit?action=${name}`)).body;
    expect(data.length).toBeGreaterThan(0);
  });

  test('is told also where the address says that it were only planned', async () => {
    const { customer, browser } = await signedInCustomer(api);
    const path = `/v1/customers/${customer}/contact?plan=1`;
    expect((await browser.ask('PUT', path, { language: 'de', notify: false })).status).toBe(200);
    const { data } = (await api.ask('GET', `/v1/audit?action=changeContact&target=${customer}`)).body;
    expect(data.length).toBe(1);
  });

  test('is told with who it was, also what was refused, and never with a secret', async () => {
    const key = { name: 'shop', scopes: ['orders:write'] };
    const { body: made } = await api.ask('POST', '/v1/api-keys', { body: key });
    expect(made.key).toMatch(/^berth_/);
    await api.ask('PUT', '/v1/registries/ghcr.io', { body: { username: 'u', password: 'very-secret' } });
    const contact = `/v1/customers/${mine.customer}/contact`;
    expect((await mine.browser.ask('PUT', contact, { language: 'de', notify: true })).body).toMatchObject({
      notify: true,
    });
    await api.ask('DELETE', `/v1/api-keys/${nobodyId}`);
    const read = async () =>
      (await api.ask('GET', '/v1/audit?limit=200')).body.data as { action: string; status: number }[];
    // Each end is written down after its answer was sent, by whichever connection is free.
    const ended = { revokeApiKey: 404, changeContact: 200, createApiKey: 201, signInByLink: 200 };
    const endOf = (all: Awaited<ReturnType<typeof read>>, name: string) =>
      all.find(({ action }) => action === name)?.status;
    const ends = async () => {
      const all = await read();
      return Object.fromEntries(Object.keys(ended).map((name) => [name, endOf(all, name)]));
    };
    await expect.poll(ends).toEqual(ended);
    const entries = await read();
    expect(entries.find(({ action }) => action === 'changeContact')).toMatchObject({
      actor: { kind: 'customer', name: mine.email },
      target: mine.customer,
      status: 200,
      before: { language: 'en', notify: false },
      after: { language: 'de', notify: true },
    });
    expect(entries.find(({ action }) => action === 'createApiKey')).toMatchObject({
      actor: { kind: 'api-key' },
      status: 201,
    });
    expect(entries.find(({ action }) => action === 'signInByLink')).toMatchObject({
      actor: { kind: 'user' },
      status: 200,
    });
    // What was there before is told beside it.
    const { body: further } = await api.ask('POST', '/v1/api-keys', { body: key });
    await api.ask('DELETE', `/v1/api-keys/${further.id}`);
    await api.ask('PUT', '/v1/registries/ghcr.io', { body: { username: 'other', password: 'very-secret' } });
    await api.ask('PATCH', '/v1/hosts/hostalpha', { body: { state: 'draining' } });
    await operator.ask('POST', `/v1/sites/${mine.site}/deploys`, { image: 'registry.example.org/site:2' });
    const beforeOf = async (action: string) =>
      ((await api.ask('GET', `/v1/audit?action=${action}`)).body.data as { status: number; before: unknown }[])[0];
    const told = [
      ['revokeApiKey', 200, { name: 'shop', scopes: ['orders:write'], revokedAt: null }],
      ['putRegistry', 200, { username: 'u' }],
      ['changeHost', 200, { state: 'ready' }],
      ['deploySite', 202, { release: 1, image: 'registry.example.org/site:1.4.2', wanted: 'running' }],
    ] as const;
    for (const [action, status, before] of told)
      await expect.poll(() => beforeOf(action), { timeout: 60_000 }).toMatchObject({ status, before });
    expect(JSON.stringify(entries)).not.toContain('very-secret');
    expect(JSON.stringify(entries)).not.toContain(made.key);
  });
});

describe('what is told of a change', () => {
  type Entry = { action: string; status: number | null; before: unknown; target: string; actor: unknown };
  const entries = async (query: string): Promise<Entry[]> => (await api.ask('GET', `/v1/audit?${query}`)).body.data;

  test('is how it was and what came of it, also where who asked has hung up before', async () => {
    const { customer } = await signedInCustomer(api);
    const told = async () => (await entries(`action=changeContact&target=${customer}`))[0];
    const client = await api.context.db.pool.connect();
    const hangUp = new AbortController();
    try {
      await client.query('begin');
      await client.query('select from customers where external_id = $1 for update', [customer]);
      const asking = fetch(`${api.url}/v1/customers/${customer}/contact`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${api.admin}`, 'content-type': 'application/json' },
        body: JSON.stringify({ language: 'de', notify: false }),
        signal: hangUp.signal,
      });
      await expect.poll(told).toMatchObject({ status: null });
      hangUp.abort();
      await expect(asking).rejects.toThrow();
      // The API hears of it before it is answered by the database.
      await expect.poll(async () => (await api.ask('GET', '/livez', { key: null })).status).toBe(200);
    } finally {
      await client.query('commit');
      client.release();
    }
    await expect.poll(told).toMatchObject({ status: 200, before: { language: 'en', notify: false } });
  });

  test('names the admin who did it with the eyes of a customer', async () => {
    const { customer } = await signedInCustomer(api);
    const own = await signedInAs(api, 'admin');
    const { user } = (await own.ask('GET', '/v1/me')).body;
    for (const [path, action] of [
      ['/v1/impersonation', 'endImpersonation'],
      ['/v1/session', 'signOut'],
    ] as const) {
      expect((await own.ask('POST', '/v1/impersonation', { customer })).status).toBe(200);
      expect((await own.ask('DELETE', path)).status).toBe(200);
      const [entry] = await entries(`action=${action}`);
      expect(entry?.actor).toEqual({ kind: 'user', id: `user:${user.id}`, name: user.email });
    }
  });

  test('is also which button of the queues was pressed, and by whom', async () => {
    const { user } = (await operator.ask('GET', '/v1/me')).body;
    expect((await operator.ask('PUT', '/admin/queues/api/queues/edge/pause')).status).toBe(200);
    expect((await operator.ask('PUT', '/admin/queues/api/queues/edge/resume')).status).toBe(200);
    await operator.ask('GET', '/admin/queues/api/queues');
    await viewer.ask('PUT', '/admin/queues/api/queues/edge/pause');
    const told = async () =>
      (await entries(`action=changeQueues&actor=user:${user.id}`)).map(({ target, status }) => [target, status]);
    await expect
      .poll(async () => (await told()).slice(0, 2))
      .toEqual([
        ['PUT /api/queues/edge/resume', 200],
        ['PUT /api/queues/edge/pause', 200],
      ]);
    expect(
      (await entries('action=changeQueues')).every(({ actor }) => JSON.stringify(actor).includes('operator')),
    ).toBe(true);
  });
});

describe('a restart', () => {
  test('is for customers three times in ten minutes', async () => {
    const { browser, site } = await signedInCustomer(api);
    const restart = () => browser.ask('POST', `/v1/sites/${site}/restarts`, { target: 'container' });
    for (let n = 0; n < 3; n += 1) expect((await restart()).status).toBe(202);
    const refused = await restart();
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 429, code: 'restart.too-often' });
    expect((await operator.ask('POST', `/v1/sites/${site}/restarts`, { target: 'container' })).status).toBe(202);
  });
});

describe('the queues', () => {
  test('are looked at by viewers, and changed by operators, not by customers', async () => {
    expect((await viewer.ask('GET', '/admin/queues')).status).toBe(200);
    expect((await viewer.ask('PUT', '/admin/queues/api/queues/domain/pause')).status).toBe(403);
    expect((await operator.ask('PUT', '/admin/queues/api/queues/domain/pause')).status).toBe(200);
    expect((await operator.ask('PUT', '/admin/queues/api/queues/domain/resume')).status).toBe(200);
    expect((await mine.browser.ask('GET', '/admin/queues')).status).toBe(403);
  });
});

describe('the description of internal calls', () => {
  test('is for who runs Berth alone', async () => {
    const pathsFor = async (browser: TestBrowser) =>
      Object.keys((await browser.ask('GET', '/v1/openapi.json')).body.paths);
    for (const browser of [viewer, operator, admin]) expect(await pathsFor(browser)).toContain('/v1/users');
    for (const browser of [mine.browser, openBrowser(api)]) {
      const paths = await pathsFor(browser);
      expect(paths).toContain('/v1/orders');
      expect(paths).not.toContain('/v1/users');
    }
  });
});
