import { type Receiver, startReceiver } from '@berth/notifier/testing/receiver';
import { type MailServer, startMailServer } from '@berth/simulators/mail/mail-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const HOSTS = 12;
const KILLS = 3;
/** Of messages to one place under way at once: of Slack one, of a mailbox two. */
const AT_ONCE = { slack: 1, email: 2 };

let world: World;
let slack: Receiver;
let mail: MailServer;
let notifier: ServiceProcess;

beforeAll(async () => {
  slack = await startReceiver();
  // It answers so late that a kill meets a message whose answer is still to come.
  slack.behave({ status: 200, delayMs: 400 });
  mail = await startMailServer();
  world = await openWorld({
    settings: {
      SLACK_WEBHOOK_URL: slack.url,
      SMTP_URL: mail.url,
      SMTP_FROM: 'Berth <berth@example.org>',
      ADMIN_EMAIL: 'admin@example.org',
    },
  });
  notifier = serviceProcess('notifier', 'services/notifier/src/main.ts', world.environment);
  await notifier.start();
});

afterAll(async () => {
  await notifier?.stop();
  await world?.close();
  await slack?.stop();
  await mail?.stop();
});

const rows = async <Row extends object>(text: string) => (await world.db.pool.query<Row>(text)).rows;
const idOf = ({ headers }: { headers: Record<string, string> }) => headers['message-id'] ?? '';
const hostsOf = (texts: string[]) => new Set(texts.flatMap((text) => text.match(/host-\d+x/g) ?? []));

/** @returns how many messages Slack had when the process was gone */
async function kill(): Promise<number> {
  await notifier.kill();
  const had = slack.received.length;
  // What a killed process had in hand is sent again when its lease is over.
  await world.db.pool.query('update deliveries set lease_until = now() where lease_until is not null');
  await notifier.start();
  return had;
}

describe(`what goes wrong on ${HOSTS} hosts`, () => {
  test('is told of in Slack and by e-mail, although the notifier is killed between sending and writing it down', async () => {
    for (let n = 0; n < HOSTS; n += 1) {
      await world.db.pool.query('insert into hosts (id) values ($1)', [`host-${n}x`]);
      await world.db.pool.query(
        `insert into incidents (kind, host_id, reason, message, recorded_at) values ('docker-away', $1, 'DockerAway', 'it does not answer', now() - interval '1 minute')`,
        [`host-${n}x`],
      );
    }
    let had = 0;
    for (let round = 1; round <= KILLS; round += 1) {
      await until('a message is under way', async () => slack.received.length > had);
      had = await kill();
    }
    await until('all is delivered', async () => {
      const [left] = await rows<{ n: number }>(`select count(*)::int as n from deliveries where state = 'delivered'`);
      return left?.n === 2 * HOSTS;
    });
    expect(hostsOf(slack.received.map(({ body }) => body)).size).toBe(HOSTS);
    expect(hostsOf(mail.received.map(({ raw }) => raw)).size).toBe(HOSTS);
    // Twice only what was under way when the process was killed; a mail then has the same id, by which it is dropped.
    expect(slack.received.length).toBeLessThanOrEqual(HOSTS + KILLS * AT_ONCE.slack);
    expect(mail.received.length).toBeLessThanOrEqual(HOSTS + KILLS * AT_ONCE.email);
    expect(new Set(mail.received.map(idOf)).size).toBe(HOSTS);
    expect(await rows(`select count(*)::int as n from deliveries group by channel`)).toEqual([
      { n: HOSTS },
      { n: HOSTS },
    ]);
  });

  test('is told of once more only where nothing was answered', async () => {
    slack.behave({ status: 200 });
    const [had, mails] = [slack.received.length, mail.received.length];
    await world.db.pool.query('update incidents set closed_at = now()');
    await until('all are told to be well', async () => {
      const [left] = await rows<{ n: number }>(`select count(*)::int as n from deliveries where state = 'delivered'`);
      return left?.n === 4 * HOSTS;
    });
    await kill();
    await kill();
    expect([slack.received.length - had, mail.received.length - mails]).toEqual([HOSTS, HOSTS]);
    expect(await notifier.stop()).toBe(0);
  });
});
