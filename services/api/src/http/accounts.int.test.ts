import { createUser } from '@berth/shared/store/users';
import { codeOfApp, currentStep } from '@berth/shared/testing/authenticator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, signedIn, signedInAs, signedInCustomer, type TestBrowser } from '../testing/browser.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
let admin: TestBrowser;

beforeAll(async () => {
  api = await startTestApi();
  admin = await signedInAs(api, 'admin');
});
afterAll(() => api.close());

const PASSWORD = 'correct horse battery';

async function invite(email: string, role = 'operator') {
  const { status, body, text } = await admin.ask('POST', '/v1/users', { email, name: 'Otto', role });
  expect(status, text).toBe(201);
  return { id: body.user.id as string, token: String(body.url).split('#')[1] ?? '' };
}

async function enrolled(email: string) {
  const { id, token } = await invite(email);
  const browser = openBrowser(api);
  expect((await browser.ask('POST', '/v1/sign-in/invitations', { token, password: PASSWORD })).status).toBe(200);
  const { body } = await browser.ask('POST', '/v1/me/second-factor', { password: PASSWORD });
  const step = currentStep();
  const code = codeOfApp(body.uri, step);
  expect((await browser.ask('POST', '/v1/me/second-factor/confirmations', { code })).status).toBe(200);
  // One step ahead of the clock is taken as well: nobody has to wait for the next half minute.
  const next = codeOfApp(body.uri, step + 1);
  return { id, browser, code, next, recoveryCodes: body.recoveryCodes as string[] };
}

describe('somebody who is invited', () => {
  test('chooses a password, and may do nothing before a second factor is enrolled', async () => {
    const { token } = await invite('otto@example.org');
    const browser = openBrowser(api);
    const short = await browser.ask('POST', '/v1/sign-in/invitations', { token, password: 'too short' });
    expect(short.status).toBe(422);
    expect((await browser.ask('POST', '/v1/sign-in/invitations', { token, password: PASSWORD })).status).toBe(200);
    expect((await browser.ask('GET', '/v1/me')).body.secondFactor).toBe('missing');
    expect((await browser.ask('GET', '/v1/sites')).body.code).toBe('auth.second-factor-missing');
    expect((await browser.ask('POST', '/v1/me/second-factor', { password: 'wrong' })).status).toBe(401);

    const begun = await browser.ask('POST', '/v1/me/second-factor', { password: PASSWORD });
    expect(begun.status, begun.text).toBe(200);
    expect(begun.body.recoveryCodes.length).toBe(10);
    expect((await browser.ask('GET', '/v1/sites')).status).toBe(403);
    const code = codeOfApp(begun.body.uri, currentStep());
    const confirmed = await browser.ask('POST', '/v1/me/second-factor/confirmations', { code });
    expect(confirmed.status, confirmed.text).toBe(200);
    expect((await browser.ask('GET', '/v1/me')).body.secondFactor).toBe('enrolled');
    expect((await browser.ask('GET', '/v1/sites')).status).toBe(200);
    expect((await browser.ask('POST', '/v1/me/second-factor', { password: PASSWORD })).body.code).toBe(
      'second-factor.enrolled',
    );
    const used = await openBrowser(api).ask('POST', '/v1/sign-in/invitations', { token, password: PASSWORD });
    expect(used.status).toBe(401);
  });
});

describe('a second factor that is enrolled', () => {
  test('is asked of whoever had signed in by the password alone before', async () => {
    const email = 'early@example.org';
    const { token } = await invite(email);
    const [own, other] = [openBrowser(api), openBrowser(api)];
    await own.ask('POST', '/v1/sign-in/invitations', { token, password: PASSWORD });
    await other.ask('POST', '/v1/sign-in/passwords', { email, password: PASSWORD });
    expect((await other.ask('GET', '/v1/me')).body.secondFactor).toBe('missing');
    const { body } = await own.ask('POST', '/v1/me/second-factor', { password: PASSWORD });
    const code = codeOfApp(body.uri, currentStep());
    expect((await own.ask('POST', '/v1/me/second-factor/confirmations', { code })).status).toBe(200);
    expect((await own.ask('GET', '/v1/sites')).status).toBe(200);
    expect((await other.ask('GET', '/v1/sites')).status).toBe(401);
  });
});

describe('somebody who runs Berth', () => {
  test('signs in by a password and a code, or by a recovery code, once', async () => {
    const { code, next, recoveryCodes } = await enrolled('anna@example.org');
    const browser = openBrowser(api);
    const first = { email: 'anna@example.org', password: PASSWORD };
    expect((await browser.ask('POST', '/v1/sign-in/passwords', { ...first, password: 'wrong' })).status).toBe(401);
    const half = await browser.ask('POST', '/v1/sign-in/passwords', first);
    expect(half.body).toEqual({ next: 'second-factor' });
    expect((await browser.ask('GET', '/v1/me')).status).toBe(401);
    const wrong = ['000000', '000001', '000002'].find((one) => one !== code && one !== next);
    expect((await browser.ask('POST', '/v1/sign-in/second-factors', { code: wrong })).status).toBe(401);
    // The code by which the app was enrolled is used up too.
    expect((await browser.ask('POST', '/v1/sign-in/second-factors', { code })).status).toBe(401);
    await browser.ask('POST', '/v1/sign-in/passwords', first);
    const whole = await browser.ask('POST', '/v1/sign-in/second-factors', { code: next });
    expect(whole.status, whole.text).toBe(200);
    expect((await browser.ask('GET', '/v1/me')).body).toMatchObject({ session: { signedInBy: 'second-factor' } });

    const [recoveryCode = ''] = recoveryCodes;
    const other = openBrowser(api);
    await other.ask('POST', '/v1/sign-in/passwords', first);
    expect((await other.ask('POST', '/v1/sign-in/second-factors', { recoveryCode })).status).toBe(200);
    const again = openBrowser(api);
    await again.ask('POST', '/v1/sign-in/passwords', first);
    expect((await again.ask('POST', '/v1/sign-in/second-factors', { recoveryCode })).status).toBe(401);

    const { body: sessions } = await browser.ask('GET', '/v1/me/sessions');
    expect(sessions.data.length).toBe(3);
    const elsewhere = sessions.data.find((one: { current: boolean }) => !one.current);
    expect((await browser.ask('DELETE', `/v1/me/sessions/${elsewhere.id}`)).status).toBe(200);
    expect((await browser.ask('DELETE', `/v1/me/sessions/${elsewhere.id}`)).status).toBe(404);
  });

  test('gets no mail to sign in by, whatever was asked for', async () => {
    const browser = openBrowser(api);
    expect((await browser.ask('POST', '/v1/sign-in/mails', { email: 'anna@example.org' })).status).toBe(202);
    const count = await api.context.db.pool.query(
      `select from deliveries where kind = 'sign-in.mail' and target = 'anna@example.org' and message_id like 'sign-in-%'`,
    );
    expect(count.rowCount).toBe(0);
  });

  test('is signed out everywhere when disabled, and cannot come back', async () => {
    const { id, browser } = await enrolled('dora@example.org');
    expect((await admin.ask('PATCH', `/v1/users/${id}`, { disabled: true })).body).toMatchObject({
      disabled: true,
      sessions: 0,
    });
    expect((await browser.ask('GET', '/v1/me')).status).toBe(401);
    const again = await browser.ask('POST', '/v1/sign-in/passwords', { email: 'dora@example.org', password: PASSWORD });
    expect(again.status === 401 || again.body.next === 'second-factor').toBe(true);
    expect((await browser.ask('GET', '/v1/me')).status).toBe(401);
  });

  test('stays an admin when nobody else is one', async () => {
    const { body } = await admin.ask('GET', '/v1/users');
    const last = body.data.find((one: { role: string }) => one.role === 'admin');
    const refused = await admin.ask('PATCH', `/v1/users/${last.id}`, { role: 'viewer' });
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 409, code: 'user.last-admin' });
  });
});

describe('tries', () => {
  test('are limited: after ten wrong passwords of an address no further one is looked at', async () => {
    const browser = openBrowser(api);
    const guess = () => browser.ask('POST', '/v1/sign-in/passwords', { email: 'guessed@example.org', password: 'x' });
    for (let n = 0; n < 10; n += 1) expect((await guess()).status).toBe(401);
    const refused = await guess();
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 429,
      code: 'sign-in.too-many-tries',
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
  });
});

describe("an admin with a customer's eyes", () => {
  test('sees what the customer sees, changes nothing, and goes back', async () => {
    const { customer, site, email } = await signedInCustomer(api);
    const own = await signedInAs(api, 'admin');
    const begun = await own.ask('POST', '/v1/impersonation', { customer });
    expect(begun.status, begun.text).toBe(200);
    const { body: me } = await own.ask('GET', '/v1/me');
    expect(me).toMatchObject({ user: { email, role: 'customer' }, sites: [{ key: site }] });
    expect(me.impersonatedBy).toMatch(/^admin-/);
    const refused = await own.ask('POST', `/v1/sites/${site}/restarts`, { target: 'container' });
    expect(refused.status).toBe(403);
    expect((await own.ask('POST', `/v1/sites/${site}/protection/tests`, {})).status).toBe(200);
    expect((await own.ask('GET', '/v1/users')).status).toBe(403);
    expect((await own.ask('DELETE', '/v1/impersonation')).status).toBe(200);
    expect((await own.ask('GET', '/v1/me')).body.user.role).toBe('admin');
  });

  test.each([
    ['demoted', (id: string) => admin.ask('PATCH', `/v1/users/${id}`, { role: 'operator' })],
    ['disabled', (id: string) => admin.ask('PATCH', `/v1/users/${id}`, { disabled: true })],
    ['signed out', (id: string) => admin.ask('DELETE', `/v1/users/${id}/sessions`)],
  ])('sees nothing any more as soon as they are %s', async (_what, change) => {
    const { customer, site } = await signedInCustomer(api);
    const own = await signedInAs(api, 'admin');
    const { body: me } = await own.ask('GET', '/v1/me');
    expect((await own.ask('POST', '/v1/impersonation', { customer })).status).toBe(200);
    expect((await own.ask('GET', `/v1/sites/${site}`)).status).toBe(200);
    expect((await change(me.user.id)).status).toBe(200);
    expect((await own.ask('GET', `/v1/sites/${site}`)).status).toBe(401);
    expect((await own.ask('DELETE', '/v1/impersonation')).status).toBe(401);
  });

  test('sees nothing any more once the session that it began in is ended elsewhere', async () => {
    const { customer, site } = await signedInCustomer(api);
    const email = `two-${customer}@example.org`;
    await createUser(api.context.db, { email, name: 'Ada', role: 'admin', language: 'en' });
    const [lost, kept] = [await signedIn(api, email), await signedIn(api, email)];
    expect((await lost.ask('POST', '/v1/impersonation', { customer })).status).toBe(200);
    const { body: sessions } = await kept.ask('GET', '/v1/me/sessions');
    const other = sessions.data.find(({ current }: { current: boolean }) => !current);
    expect((await kept.ask('DELETE', `/v1/me/sessions/${other.id}`)).status).toBe(200);
    expect((await lost.ask('GET', `/v1/sites/${site}`)).status).toBe(401);
    expect((await kept.ask('GET', '/v1/me')).status).toBe(200);
  });

  test('is signed out of their own session too, and of no other', async () => {
    const { customer } = await signedInCustomer(api);
    const email = `out-${customer}@example.org`;
    await createUser(api.context.db, { email, name: 'Ada', role: 'admin', language: 'en' });
    const [own, kept] = [await signedIn(api, email), await signedIn(api, email)];
    const before = own.cookie();
    expect((await own.ask('POST', '/v1/impersonation', { customer })).status).toBe(200);
    const looking = own.cookie();
    expect((await own.ask('DELETE', '/v1/session')).status).toBe(200);
    expect(own.cookie()).toBe('');
    for (const cookie of [before, looking]) {
      expect((await api.ask('GET', '/v1/me', { key: null, headers: { cookie } })).status).toBe(401);
    }
    const { body: sessions } = await kept.ask('GET', '/v1/me/sessions');
    expect(sessions.data.map(({ current }: { current: boolean }) => current)).toEqual([true]);
  });

  test('is no operator, and no key', async () => {
    const { customer } = await signedInCustomer(api);
    const operator = await signedInAs(api, 'operator');
    expect((await operator.ask('POST', '/v1/impersonation', { customer })).status).toBe(403);
    expect((await api.ask('POST', '/v1/impersonation', { body: { customer } })).status).toBe(401);
  });
});
