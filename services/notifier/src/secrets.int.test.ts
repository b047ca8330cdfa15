import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { openContext } from '@berth/shared/runtime/context';
import { makeLog } from '@berth/shared/runtime/log';
import { Secret } from '@berth/shared/runtime/secret';
import { openIncidents } from '@berth/shared/store/incidents';
import { takeOrder } from '@berth/shared/store/intake';
import { createEndpoint } from '@berth/shared/store/webhook-endpoints';
import { makeApiKey, newOrder } from '@berth/shared/testing/new-order';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import { expect, test } from 'vitest';
import { parseNotifierConfig } from './config.ts';
import { startNotifier } from './start.ts';

const SLACK = 'SLACK-77aa-seeded';
const SMTP = 'SMTP-55cc-seeded';
const HEARTBEAT = 'HEARTBEAT-11ee-seeded';
const WEBHOOK = randomBytes(32).toString('base64');

/** Nobody listens at any of the places, so that errors are among what is searched. */
test('no secret of the notifier is in a row, a job or a log line, also when nothing can be reached', async () => {
  const database = await makeTestDatabase();
  const secretsKey = randomBytes(32).toString('base64');
  const config = parseNotifierConfig({
    DATABASE_URL: database.url,
    BERTH_SECRETS_KEY: secretsKey,
    SLACK_WEBHOOK_URL: `http://127.0.0.1:9/services/${SLACK}`,
    SMTP_URL: `smtp://berth:${SMTP}@127.0.0.1:9`,
    SMTP_FROM: 'Berth <berth@example.org>',
    ADMIN_EMAIL: 'admin@example.org',
    HEARTBEAT_URL: `http://127.0.0.1:9/${HEARTBEAT}`,
    WEBHOOK_ALLOW_PRIVATE: '127.0.0.1',
  });
  let logged = '';
  const destination = new Writable({
    write(piece: Buffer, _encoding, done) {
      logged += piece.toString();
      done();
    },
  });
  const context = await openContext({
    databaseUrl: new Secret(database.url),
    secretsKey: new Secret(secretsKey),
    log: makeLog('notifier', 'debug', destination),
  });
  const { db, vault } = context;
  const secretEnc = vault.encrypt(`whsec_${WEBHOOK}`);
  await createEndpoint(db, { url: 'http://127.0.0.1:9/hooks', description: '', eventTypes: [], secretEnc });
  await takeOrder(db, newOrder(await makeApiKey(db)));
  await db.pool.query(`insert into hosts (id) values ('h1')`);
  await openIncidents(db.pool as never, [
    { kind: 'docker-away', hostId: 'h1', siteId: null, aspect: null, reason: 'DockerAway', message: '', data: {} },
  ]);
  await db.pool.query(`update incidents set recorded_at = now() - interval '1 minute'`);
  const notifier = await startNotifier(config, context);
  const tried = async () =>
    (await db.pool.query(`select channel from deliveries where error is not null order by channel`)).rows.map(
      ({ channel }) => channel,
    );
  await expect.poll(tried, { timeout: 60_000 }).toEqual(['email', 'slack', 'webhook']);
  await expect.poll(() => logged, { timeout: 60_000 }).toContain('sign of life failed');
  await notifier.drain(5000);
  const { rows: tables } = await db.pool.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'bullmq')`,
  );
  const rows = await Promise.all(
    tables.map(async ({ name }) => (await db.pool.query(`select row_to_json(t)::text as row from ${name} t`)).rows),
  );
  await context.close();
  await database.drop();
  const places = { rows: JSON.stringify(rows), logs: logged };
  expect(places.logs).toContain('message not taken');
  for (const [place, text] of Object.entries(places)) {
    for (const secret of [SLACK, SMTP, HEARTBEAT, WEBHOOK, secretsKey]) {
      expect(text.includes(secret), `${secret} is in the ${place}`).toBe(false);
    }
  }
});
