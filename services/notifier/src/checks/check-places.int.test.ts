import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { type MailServer, startMailServer } from '@berth/simulators/mail/mail-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeGreetMailServer } from '../adapters/mail-server.ts';
import { parseNotifierConfig } from '../config.ts';
import { makeCheckPlaces } from './check-places.ts';

describe('the checks of where something is told', () => {
  let database: TestDatabase;
  let db: Database;
  let mail: MailServer;

  beforeAll(async () => {
    database = await makeTestDatabase();
    db = openDatabase({ url: database.url });
    mail = await startMailServer();
  });
  afterAll(async () => {
    await mail.stop();
    await db.close();
    await database.drop();
  });

  async function look(environment: Record<string, string>, silent?: string) {
    const config = parseNotifierConfig({
      DATABASE_URL: database.url,
      BERTH_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
      SMTP_FROM: 'berth@example.org',
      ADMIN_EMAIL: 'ops@example.org',
      SMTP_URL: mail.url,
      ...environment,
    });
    const greetMailServer = config.SMTP_URL && makeGreetMailServer(config.SMTP_URL, 2000);
    const run = makeCheckPlaces({ db, config, greetMailServer, whyNoSignOfLife: () => silent });
    const found = await run(new AbortController().signal);
    return Object.fromEntries(found.map(({ id, status, detail }) => [id, { status, detail }]));
  }

  test('greet the mail server, and send it nothing', async () => {
    expect((await look({}))['notifier.smtp']).toMatchObject({ status: 'ok' });
    expect(mail.received).toEqual([]);
    const away = await look({ SMTP_URL: 'smtp://user:pass-word@127.0.0.1:9' });
    expect(away['notifier.smtp']).toMatchObject({ status: 'fail', detail: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(away)).not.toContain('pass-word');
    const refused = (await look({ SMTP_URL: mail.url.replace('//', '//user:pass-word@') }))['notifier.smtp'];
    expect(refused).toMatchObject({ status: 'fail' });
  });

  test('find endpoints that the settings let nothing be sent to, but not those that are switched off', async () => {
    await db.pool.query(
      `insert into webhook_endpoints (url, description, event_types, secret_enc, disabled_at) values
        ('https://10.0.0.5/hooks?token=hidden', '', '{}', 'x', null), ('https://10.0.0.6/', '', '{}', 'x', now())`,
    );
    const refused = (await look({}))['notifier.webhooks'];
    expect(refused).toMatchObject({ status: 'fail', detail: expect.stringContaining('https://10.0.0.5/hooks') });
    expect(refused?.detail).not.toMatch(/hidden|10\.0\.0\.6/);
    expect((await look({ WEBHOOK_ALLOW_PRIVATE: '10.0.0.0/8' }))['notifier.webhooks']).toMatchObject({ status: 'ok' });
  });

  test('tell why no sign of life is given', async () => {
    const found = await look({ HEARTBEAT_URL: 'https://hc.example.org/x' }, 'none is given: messages are not sent');
    expect(found['notifier.heartbeat']).toEqual({ status: 'fail', detail: 'none is given: messages are not sent' });
  });
});
