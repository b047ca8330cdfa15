import { type MailServer, startMailServer } from '@berth/simulators/mail/mail-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const EMAIL = 'erika@example.org';

let world: World;
let mail: MailServer;
let api: ServiceProcess;
let notifier: ServiceProcess;

beforeAll(async () => {
  mail = await startMailServer();
  world = await openWorld({ settings: { SMTP_URL: mail.url, SMTP_FROM: 'Berth <berth@example.org>' } });
  api = serviceProcess('api', 'services/api/src/main.ts', world.environment);
  notifier = serviceProcess('notifier', 'services/notifier/src/main.ts', world.environment);
  await api.start();
  const client = await world.client(urlOf(api), 'admin');
  await client.order({ orderId: '1', customer: { id: 'erika', name: 'Erika', email: EMAIL }, domain: 'erika.de' });
});
afterAll(async () => {
  await Promise.all([api?.stop(), notifier?.stop()]);
  await world?.close();
  await mail?.stop();
});

/** Where it has said last that it listens. */
function urlOf({ lines }: ServiceProcess): string {
  const said = lines.findLast((line) => line.includes('"msg":"API listens"'));
  return (JSON.parse(said ?? '{}') as { url?: string }).url ?? '';
}
const send = (path: string, body: unknown) =>
  fetch(urlOf(api) + path, {
    method: 'POST',
    headers: { origin: urlOf(api), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const count = async (text: string) => {
  const { rows } = await world.db.pool.query<{ n: number }>(`select count(*)::int as n from ${text}`);
  return rows[0]?.n ?? 0;
};
const links = () => count(`verifications where identifier like 'magic-link:%'`);
const wishes = () => count(`verifications where identifier like 'sign-in-wish:%'`);

describe('a mail to sign in by', () => {
  test('comes, once and working, although the process is killed between making the link and storing the mail', async () => {
    const client = await world.db.pool.connect();
    await client.query('begin');
    await client.query('lock table deliveries in share row exclusive mode');
    expect((await send('/v1/sign-in/mails', { email: EMAIL })).status).toBe(202);
    await until('the mail is about to be stored', async () => {
      const waits = `pg_locks where not granted and relation = 'deliveries'::regclass and database = (select oid from pg_database where datname = current_database())`;
      return (await count(waits)) > 0;
    });
    expect(await links()).toBe(1);
    await api.kill();
    await client.query('rollback');
    client.release();
    await until('what the killed process had begun is undone', async () => (await wishes()) === 1);
    expect(await count('deliveries')).toBe(0);

    // Who was to write it is taken for ended after a while.
    await world.db.pool.query(
      `update verifications set updated_at = now() - interval '1 hour' where identifier like 'sign-in-wish:%'`,
    );
    await Promise.all([api.start(), notifier.start()]);
    await until('the mail has come', async () => mail.received.length > 0 && (await wishes()) === 0);
    expect(await count(`deliveries where channel = 'email'`)).toBe(1);
    expect(mail.received.map(({ to }) => to)).toEqual([[EMAIL]]);
    const token = /\/sign-in\/link#(\S+)/.exec(mail.received[0]?.text ?? '')?.[1] ?? '';
    expect((await send('/v1/sign-in/links', { token })).status).toBe(200);
  });

  test('is wanted of every address in the same way, and nothing is left of those that nobody has', async () => {
    expect((await send('/v1/sign-in/mails', { email: 'nobody@example.org' })).status).toBe(202);
    await until('it was looked at', async () => (await wishes()) === 0);
    expect(await count(`deliveries where target = 'nobody@example.org'`)).toBe(0);
  });
});
