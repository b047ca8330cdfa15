import { systemChance } from '@berth/shared/runtime/chance';
import { makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import { createUser, ensureCustomerUser } from '@berth/shared/store/users';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const MINUTE_MS = 60_000;
const origin = () => ({ origin: api.url });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.ask('POST', path, { key: null, body, headers: { ...origin(), ...headers } });
const cookieOf = (headers: Headers) =>
  headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
const tokenFor = async (email: string, validMs = MINUTE_MS) => {
  const deps = { db: api.context.db, chance: systemChance, publicUrl: 'http://portal.example' };
  return (await makeSignInLink(deps, { email, validMs })).url.split('#')[1] ?? '';
};

async function order(email: string) {
  const customer = { id: `c${systemChance.newId().slice(0, 8)}`, name: 'Erika', email };
  const wish = anOrder({ customer });
  const { body } = await api.ask('POST', '/v1/orders', { body: wish, headers: { 'idempotency-key': customer.id } });
  await ensureCustomerUser(api.context.db, email);
  return { site: body.site as string, customer: customer.id };
}

describe('a link', () => {
  test('signs a customer in, once, with a cookie that no script reads', async () => {
    const { site, customer } = await order('erika@example.org');
    const token = await tokenFor('Erika@Example.org');
    const first = await post('/v1/sign-in/links', { token });
    expect({ status: first.status, body: first.body }).toEqual({ status: 200, body: { next: 'done' } });
    const [set = ''] = first.headers.getSetCookie();
    expect(set).toMatch(/^berth\.session_token=.+; Path=\/; HttpOnly; SameSite=Lax/);
    const second = await post('/v1/sign-in/links', { token });
    expect({ status: second.status, code: second.body.code }).toEqual({ status: 401, code: 'sign-in.failed' });

    const cookie = cookieOf(first.headers);
    const me = await api.ask('GET', '/v1/me', { key: null, headers: { cookie } });
    expect(me.status, me.text).toBe(200);
    expect(me.body).toMatchObject({
      user: { email: 'erika@example.org', role: 'customer' },
      customers: [{ id: customer }],
      sites: [{ key: site }],
      may: [],
      session: { signedInBy: 'link' },
    });
    const away = await api.ask('DELETE', '/v1/session', { key: null, headers: { cookie, ...origin() } });
    expect(away.status, away.text).toBe(200);
    expect((await api.ask('GET', '/v1/me', { key: null, headers: { cookie } })).status).toBe(401);
  });

  test('does not work when it is too old, or made up', async () => {
    await order('late@example.org');
    for (const token of [await tokenFor('late@example.org', -1), 'a'.repeat(43)]) {
      expect((await post('/v1/sign-in/links', { token })).status).toBe(401);
    }
  });

  test('is not taken from a foreign page', async () => {
    await order('foreign@example.org');
    const token = await tokenFor('foreign@example.org');
    const refused = await post('/v1/sign-in/links', { token }, { origin: 'https://evil.example' });
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 403, code: 'auth.foreign-page' });
    expect((await post('/v1/sign-in/links', { token })).status).toBe(200);
  });

  test('signs in who runs Berth, with what the role allows', async () => {
    await createUser(api.context.db, { email: 'v@example.org', name: 'V', role: 'viewer', language: 'de' });
    const signedIn = await post('/v1/sign-in/links', { token: await tokenFor('v@example.org') });
    const cookie = cookieOf(signedIn.headers);
    const asViewer = (method: string, path: string, body?: unknown) =>
      api.ask(method, path, { key: null, body, headers: { cookie, ...origin() } });
    expect((await asViewer('GET', '/v1/me')).body).toMatchObject({ language: 'de', may: ['sites:read'] });
    expect((await asViewer('GET', '/v1/hosts')).status).toBe(200);
    expect((await asViewer('GET', '/v1/webhooks')).status).toBe(403);
  });
});

describe('a customer', () => {
  test("sees and changes their own sites alone: somebody else's are not there", async () => {
    const mine = await order('one@example.org');
    const theirs = await order('two@example.org');
    const signedIn = await post('/v1/sign-in/links', { token: await tokenFor('one@example.org') });
    const headers = { cookie: cookieOf(signedIn.headers), ...origin() };
    const ask = (method: string, path: string, body?: unknown) => api.ask(method, path, { key: null, body, headers });
    const { body: list } = await ask('GET', '/v1/sites');
    expect(list.data.map((one: { key: string }) => one.key)).toEqual([mine.site]);
    expect((await ask('GET', `/v1/sites/${mine.site}`)).body).toMatchObject({ key: mine.site, placement: null });
    expect((await ask('GET', `/v1/sites/${theirs.site}`)).body.code).toBe('site.not-found');
    const body = { target: 'container' };
    expect((await ask('POST', `/v1/sites/${mine.site}/restarts`, body)).status).toBe(202);
    expect((await ask('POST', `/v1/sites/${theirs.site}/restarts`, body)).status).toBe(404);
    expect((await ask('GET', '/v1/hosts')).status).toBe(403);
  });
});
