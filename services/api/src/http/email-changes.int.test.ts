import { webhookEvents } from '@berth/contract/webhook-events';
import { openSignInMail } from '@berth/shared/contracts/sign-in-mail';
import { createUser } from '@berth/shared/store/users';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser, signedIn, signedInCustomer } from '../testing/browser.ts';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** What the mails say that wait to be sent to an address. */
async function mailsTo(email: string) {
  const { rows } = await api.context.db.pool.query<{ payload: unknown }>(
    'select payload from deliveries where target = $1 order by created_at',
    [email],
  );
  return rows.map(({ payload }) => openSignInMail(api.context.vault, payload).mail);
}
const tokenTo = async (email: string) => (await mailsTo(email)).at(-1)?.link?.split('#')[1] ?? '';
const confirm = (token: string) => openBrowser(api).ask('POST', '/v1/email-changes', { token });

async function asking(to: (customer: string) => string = (customer) => `new-${customer}@example.org`) {
  const one = await signedInCustomer(api);
  const email = to(one.customer);
  const asked = await one.browser.ask('POST', `/v1/customers/${one.customer}/email-changes`, { email });
  expect({ status: asked.status, body: asked.body }).toEqual({ status: 202, body: { validMinutes: 1440 } });
  const contact = async () => (await api.ask('GET', `/v1/customers/${one.customer}/contact`)).body.email as string;
  return { ...one, to: email, token: await tokenTo(email), contact };
}

describe("a change of a customer's address", () => {
  test('is made once the new mailbox confirms it: that signs in, and the former one sees nothing and is told', async () => {
    const { browser, email, to, token, site, contact } = await asking();
    expect(await contact()).toBe(email);
    const confirming = openBrowser(api);
    const done = await confirming.ask('POST', '/v1/email-changes', { token });
    expect({ status: done.status, body: done.body }).toEqual({ status: 200, body: { email: to } });
    expect(await contact()).toBe(to);
    expect((await confirming.ask('GET', '/v1/me')).body).toMatchObject({ user: { email: to }, sites: [{ key: site }] });
    expect((await browser.ask('GET', '/v1/me')).status).toBe(401);
    const told = (await mailsTo(email)).filter(({ purpose }) => purpose === 'email-changed');
    expect(told).toEqual([expect.objectContaining({ address: to, link: null, code: null })]);
    expect((await confirm(token)).status).toBe(401);
  });

  test('is made once when it is confirmed several times at once, and told once', async () => {
    const { email, token } = await asking();
    const answers = await Promise.all(Array.from({ length: 5 }, () => confirm(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    expect((await mailsTo(email)).filter(({ purpose }) => purpose === 'email-changed').length).toBe(1);
  });

  test('is told to the order system, once, at each place that wants it, together with the change', async () => {
    const endpoint = async (more: object) => {
      const body = { url: 'https://shop.example.org/hooks', ...more };
      return (await api.ask('POST', '/v1/webhooks', { body })).body.id as string;
    };
    const [all, wanted, other] = [
      await endpoint({}),
      await endpoint({ eventTypes: ['customer.email_changed'] }),
      await endpoint({ eventTypes: ['order.live'] }),
    ];
    const { customer, email, to, token } = await asking();
    const told = async () =>
      (
        await api.context.db.pool.query<{ target: string; messageId: string; payload: unknown }>(
          `select target, message_id as "messageId", payload from deliveries
          where channel = 'webhook' and kind = 'customer.email_changed' and payload -> 'data' ->> 'customer' = $1`,
          [customer],
        )
      ).rows;
    expect(await told()).toEqual([]);
    await Promise.all([confirm(token), confirm(token)]);
    const rows = await told();
    expect(rows.map(({ target }) => target).sort()).toEqual([all, wanted].sort());
    expect(rows.map(({ target }) => target)).not.toContain(other);
    expect(new Set(rows.map(({ messageId }) => messageId)).size).toBe(1);
    for (const { payload } of rows) {
      const event = webhookEvents['customer.email_changed'].parse(payload);
      expect(event.data).toEqual({ customer, email: to, formerEmail: email });
    }
  });

  test('is not made by a former link when another address was asked for since', async () => {
    const { browser, customer, token, contact } = await asking();
    const email = `third-${customer}@example.org`;
    await browser.ask('POST', `/v1/customers/${customer}/email-changes`, { email });
    expect((await confirm(token)).status).toBe(401);
    expect((await confirm(await tokenTo(email))).status).toBe(200);
    expect(await contact()).toBe(email);
  });

  test('is not made when the order system has said another address since', async () => {
    const { customer, token, contact } = await asking();
    const email = `moved-${customer}@example.org`;
    await order(customer, email);
    expect((await confirm(token)).status).toBe(401);
    expect(await contact()).toBe(email);
  });

  test('is not undone by an order that repeats what orders said before, but by one that says something else', async () => {
    const { customer, email, to, token, contact } = await asking();
    expect((await confirm(token)).status).toBe(200);
    await order(customer, email);
    expect(await contact()).toBe(to);
    await order(customer, `moved-${customer}@example.org`);
    expect(await contact()).toBe(`moved-${customer}@example.org`);
  });

  test('leaves sessions of the former address, where that is still another customer’s', async () => {
    const { browser, email, customer, token } = await asking();
    await order(`${customer}x`, email);
    expect((await confirm(token)).status).toBe(200);
    const { body } = await browser.ask('GET', '/v1/me');
    expect(body.customers.map(({ id }: { id: string }) => id)).toEqual([`${customer}x`]);
  });

  test('sends no stranger more than five mails a day, whoever names them', async () => {
    const stranger = 'stranger@example.net';
    const ask = ({ browser, customer }: Awaited<ReturnType<typeof asking>>, email: string) =>
      browser.ask('POST', `/v1/customers/${customer}/email-changes`, { email });
    const [one, other] = [await asking(), await asking()];
    for (const who of [one, other, one, other, one]) expect((await ask(who, stranger)).status).toBe(202);
    const refused = await ask(other, 'Stranger@example.net');
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 429,
      code: 'sign-in.too-many-tries',
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3600);
    expect((await mailsTo(stranger)).length).toBe(5);
    expect((await ask(other, `else-${other.customer}@example.net`)).status).toBe(202);
  });

  test('is asked for twenty times a day by a customer, however patient, and by all with one address together', async () => {
    const { browser, customer, email } = await asking();
    await order(`${customer}x`, email);
    const ask = async (who: string, n: number) => {
      // A quarter of an hour later.
      await api.context.db.pool.query(`update rate_limits set started_at = now() - interval '16 minutes' where key like 'email-change:%'
        or key like 'email-change-place:%'`);
      const body = { email: `to-${n}-${customer}@example.net` };
      return (await browser.ask('POST', `/v1/customers/${who}/email-changes`, body)).status;
    };
    for (let n = 2; n <= 20; n += 1) expect(await ask(n % 2 ? customer : `${customer}x`, n)).toBe(202);
    expect([await ask(customer, 21), await ask(`${customer}x`, 22)]).toEqual([429, 429]);
    await api.context.db.pool.query(`update rate_limits set started_at = started_at - interval '1 day'`);
    expect(await ask(customer, 23)).toBe(202);
  });

  test('is refused for the address of somebody who runs Berth, and by their mailbox alone is it known', async () => {
    const { token, contact, email, to } = await asking();
    await createUser(api.context.db, { email: to, name: 'Otto', role: 'operator', language: 'en' });
    const refused = await confirm(token);
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 409, code: 'user.exists' });
    expect(await contact()).toBe(email);
  });

  test('is asked for by the customer alone, not with the eyes of an admin, and not by a stranger', async () => {
    const { customer } = await signedInCustomer(api);
    const other = await signedInCustomer(api);
    const path = `/v1/customers/${customer}/email-changes`;
    expect((await other.browser.ask('POST', path, { email: 'a@example.org' })).status).toBe(404);
    await createUser(api.context.db, { email: 'admin@berth.example', name: 'A', role: 'admin', language: 'en' });
    const admin = await signedIn(api, 'admin@berth.example');
    expect((await admin.ask('POST', '/v1/impersonation', { customer })).status).toBe(200);
    expect((await admin.ask('POST', path, { email: 'a@example.org' })).status).toBe(403);
  });
});

async function order(customer: string, email: string): Promise<void> {
  const wish = anOrder({ customer: { id: customer, name: 'Erika', email } });
  const headers = { 'idempotency-key': String(wish.orderId) };
  expect((await api.ask('POST', '/v1/orders', { body: wish, headers })).status).toBe(202);
}
