import { openSignInMail } from '@berth/shared/contracts/sign-in-mail';
import { systemChance } from '@berth/shared/runtime/chance';
import { makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import { ensureCustomerUser } from '@berth/shared/store/users';
import { codeOfApp, currentStep } from '@berth/shared/testing/authenticator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, signedInAs, signedInCustomer } from '../testing/browser.ts';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const PASSWORD = 'correct horse battery';
const AT_ONCE = 6;

const atOnce = async (path: string, body: unknown) => {
  const browsers = Array.from({ length: AT_ONCE }, () => openBrowser(api));
  const answers = await Promise.all(browsers.map((browser) => browser.ask('POST', path, body)));
  return answers.map(({ status }) => status).sort();
};
const ONE_IN = [200, ...Array(AT_ONCE - 1).fill(401)];

async function newCustomer(): Promise<string> {
  const id = `c${systemChance.newId().slice(0, 8)}`;
  const email = `${id}@example.org`;
  const order = anOrder({ customer: { id, name: 'Erika', email } });
  expect((await api.ask('POST', '/v1/orders', { body: order, headers: { 'idempotency-key': id } })).status).toBe(202);
  return email;
}

/** What the mails say that wait to be sent to an address. */
async function mailsTo(email: string) {
  const { rows } = await api.context.db.pool.query<{ payload: unknown }>(
    `select payload from deliveries where target = $1 order by created_at`,
    [email],
  );
  return rows.map(({ payload }) => openSignInMail(api.context.vault, payload).mail);
}

async function mailTo(email: string) {
  const before = (await mailsTo(email)).length;
  expect((await openBrowser(api).ask('POST', '/v1/sign-in/mails', { email })).status).toBe(202);
  await expect.poll(async () => (await mailsTo(email)).length, { timeout: 60_000 }).toBe(before + 1);
  const mail = (await mailsTo(email)).at(-1);
  return { code: mail?.code ?? '', token: mail?.link?.split('#')[1] ?? '' };
}

const sessionsOf = async (email: string) => {
  const text = 'select from sessions s join users u on u.id = s.user_id where u.email = $1';
  return (await api.context.db.pool.query(text, [email])).rowCount;
};

describe('what signs in once', () => {
  test('signs in once when it is sent several times at once: a link, and a code', async () => {
    const email = await newCustomer();
    const { token, code } = await mailTo(email);
    expect(await atOnce('/v1/sign-in/links', { token })).toEqual(ONE_IN);
    expect(await sessionsOf(email)).toBe(1);
    expect(await atOnce('/v1/sign-in/codes', { email, code })).toEqual(ONE_IN);
    expect(await sessionsOf(email)).toBe(2);
  });

  test('is taken once when several take it at once: an invitation, and the code of an authenticator app', async () => {
    const admin = await signedInAs(api, 'admin');
    const email = 'olga@example.org';
    const { body } = await admin.ask('POST', '/v1/users', { email, name: 'Olga', role: 'operator' });
    const token = String(body.url).split('#')[1];
    expect(await atOnce('/v1/sign-in/invitations', { token, password: PASSWORD })).toEqual(ONE_IN);

    const own = openBrowser(api);
    expect((await own.ask('POST', '/v1/sign-in/passwords', { email, password: PASSWORD })).body.next).toBe('done');
    const { body: begun } = await own.ask('POST', '/v1/me/second-factor', { password: PASSWORD });
    const step = currentStep();
    const confirmation = { code: codeOfApp(begun.uri, step) };
    expect((await own.ask('POST', '/v1/me/second-factor/confirmations', confirmation)).status).toBe(200);

    const browsers = Array.from({ length: AT_ONCE }, () => openBrowser(api));
    for (const browser of browsers) await browser.ask('POST', '/v1/sign-in/passwords', { email, password: PASSWORD });
    const code = codeOfApp(begun.uri, step + 1);
    const answers = await Promise.all(browsers.map((one) => one.ask('POST', '/v1/sign-in/second-factors', { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual(ONE_IN);
  });

  test('is not used up by programs that open the link of a mail', async () => {
    const email = await newCustomer();
    const { token } = await mailTo(email);
    for (const path of ['/sign-in/link', `/sign-in/link?token=${token}`, `/v1/sign-in/links?token=${token}`]) {
      for (const method of ['GET', 'HEAD']) await (await fetch(api.url + path, { method })).text();
    }
    expect(await sessionsOf(email)).toBe(0);
    expect((await openBrowser(api).ask('POST', '/v1/sign-in/links', { token })).status).toBe(200);
  });
});

describe('a mail that was not written', () => {
  test('leaves nothing behind that stands in the way of the next one', async () => {
    const email = await newCustomer();
    const { pool } = api.context.db;
    // As if it failed between the link and the row of the mail. A sequence isn't rolled back: it tells that this was tried.
    await pool.query('create sequence no_row_tried');
    await pool.query(
      `create function no_row() returns trigger language plpgsql as $$ begin perform nextval('no_row_tried'); raise 'gone'; end $$`,
    );
    await pool.query('create trigger no_row before insert on deliveries for each row execute function no_row()');
    expect((await openBrowser(api).ask('POST', '/v1/sign-in/mails', { email })).status).toBe(202);
    const wasTried = async () => (await pool.query('select is_called from no_row_tried')).rows[0].is_called;
    await expect.poll(wasTried, { timeout: 60_000 }).toBe(true);
    await pool.query('drop function no_row cascade');
    // It would be written later (tests/killed-sign-in.test.ts), and that mail's code would count in place of the next one's.
    const left = await pool.query(`delete from verifications where identifier like 'sign-in-wish:%' and value = $1`, [
      email,
    ]);
    expect(left.rowCount).toBe(1);

    const { token, code } = await mailTo(email);
    expect((await openBrowser(api).ask('POST', '/v1/sign-in/codes', { email, code })).status).toBe(200);
    expect((await openBrowser(api).ask('POST', '/v1/sign-in/links', { token })).status).toBe(200);
  });

  test('does not keep a link from working that was sent before', async () => {
    const { email } = await signedInCustomer(api);
    await ensureCustomerUser(api.context.db, email);
    const deps = { db: api.context.db, chance: systemChance, publicUrl: api.url };
    const { url } = await makeSignInLink(deps, { email, validMs: 60_000 });
    await mailTo(email);
    expect((await openBrowser(api).ask('POST', '/v1/sign-in/links', { token: url.split('#')[1] })).status).toBe(200);
  });
});
