import { type MailServer, startMailServer } from '@berth/simulators/mail/mail-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServices, type TestServices } from './support/standalone.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let mail: MailServer;
let services: TestServices;
const EMAIL = 'erika@example.org';

beforeAll(async () => {
  mail = await startMailServer();
  world = await openWorld({ settings: { SMTP_URL: mail.url, SMTP_FROM: 'Berth <berth@example.org>' } });
  services = await startServices(world.environment);
  const client = await world.client(services.apiUrl, 'admin');
  const customer = { id: 'erika', name: 'Erika Mustermann', email: EMAIL, language: 'de' };
  await client.order({ orderId: '1', customer, domain: 'erika.de' });
});
afterAll(async () => {
  await services.stop();
  await world.close();
  await mail.stop();
});

const send = (method: string, path: string, body?: unknown, cookie = '') =>
  fetch(services.apiUrl + path, {
    method,
    headers: { origin: services.apiUrl, 'content-type': 'application/json', ...(cookie && { cookie }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

async function mailTo(address: string) {
  const before = mail.received.length;
  expect((await send('POST', '/v1/sign-in/mails', { email: address })).status).toBe(202);
  await expect.poll(() => mail.received.length, { timeout: 60_000 }).toBe(before + 1);
  const received = mail.received[before];
  if (!received) throw new Error('no mail');
  const token = /\/sign-in\/link#(\S+)/.exec(received.text)?.[1] ?? '';
  const code = /Code: (\d{6})/.exec(received.text)?.[1] ?? '';
  return { received, token, code };
}

describe('a customer', () => {
  test("signs in by the link of a mail in their own language, or by its code, and is not told of others' addresses", async () => {
    const first = await mailTo('Erika@Example.org');
    expect(first.received).toMatchObject({ to: [EMAIL], headers: { subject: 'Anmelden' } });
    expect(first.received.text).toContain('Guten Tag Erika Mustermann,');
    const byLink = await send('POST', '/v1/sign-in/links', { token: first.token });
    expect(byLink.status).toBe(200);
    const me = await (await send('GET', '/v1/me', undefined, cookieOf(byLink))).json();
    expect(me).toMatchObject({
      user: { email: EMAIL },
      sites: [{ domain: 'erika.de' }],
      session: { signedInBy: 'link' },
    });

    const second = await mailTo(EMAIL);
    const wrong = second.code === '000000' ? '000001' : '000000';
    expect((await send('POST', '/v1/sign-in/codes', { email: EMAIL, code: wrong })).status).toBe(401);
    const byCode = await send('POST', '/v1/sign-in/codes', { email: EMAIL, code: second.code });
    expect(byCode.status).toBe(200);
    expect((await send('POST', '/v1/sign-in/codes', { email: EMAIL, code: second.code })).status).toBe(401);

    expect((await send('POST', '/v1/sign-in/mails', { email: 'stranger@example.org' })).status).toBe(202);
    const third = await mailTo(EMAIL);
    expect(mail.received.flatMap(({ to }) => to)).not.toContain('stranger@example.org');
    const secrets = [first.token, first.code, second.token, second.code, third.token, third.code];
    const { rows } = await world.db.pool.query<{ text: string }>('select payload::text as text from deliveries');
    const told = [...services.logged, ...rows.map(({ text }) => text)].join('\n');
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
  });
});
