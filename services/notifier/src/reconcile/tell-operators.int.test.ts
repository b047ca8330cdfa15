import { closeIncidents, openIncidents } from '@berth/shared/store/incidents';
import { type MailServer, startMailServer } from '@berth/simulators/mail/mail-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeNotifierWorld, type NotifierWorld, type TestSite } from '../testing/notifier-world.ts';
import { type Receiver, startReceiver } from '../testing/receiver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: NotifierWorld;
let slack: Receiver;
let mail: MailServer;

beforeEach(async () => {
  slack = await startReceiver();
  slack.behave({ status: 200 });
  mail = await startMailServer();
  world = await makeNotifierWorld({
    SLACK_WEBHOOK_URL: slack.url,
    ADMIN_EMAIL: 'admin@example.org',
    SMTP_URL: mail.url,
    SMTP_FROM: 'Berth <berth@example.org>',
  });
  await world.db.pool.query(`insert into hosts (id) values ('h1'), ('h2')`);
});
afterEach(async () => {
  await Promise.all([slack.stop(), mail.stop()]);
  await world.close();
});

const down = (site: TestSite, more: Record<string, unknown> = {}) =>
  openIncidents(world.db.pool as never, [
    {
      kind: 'container-down',
      hostId: 'h1',
      siteId: site.siteId,
      aspect: 'container',
      reason: 'ConnectionRefused',
      message: `${site.domain}: the container: connection refused`,
      data: { restarts: 0 },
      ...more,
    },
  ]);
const up = (site: TestSite, data = { restarts: 0 }) =>
  closeIncidents(world.db.pool as never, [{ siteId: site.siteId, aspect: 'container', data }]);
const sites = async (count: number) => {
  const made: TestSite[] = [];
  for (let n = 0; n < count; n += 1) made.push(await world.order());
  return made;
};
/** Lets time pass and has a notifier look, and send without the gap between two of Slack's. */
const after = async (ms: number) => {
  await world.pass(ms);
  for (let looks = 0; looks < 3; looks += 1) await world.notifier().settle();
};
const said = () => slack.received.map(({ body }) => JSON.parse(body).text as string);

describe('operators', () => {
  test('are told of an incident once when it opens and once when it closes, with its length and what was restarted', async () => {
    const [site] = await sites(1);
    if (!site) return;
    await down(site);
    await after(31_000);
    await down(site, { data: { restarts: 2 } });
    await after(12 * MINUTE);
    await up(site, { restarts: 2 });
    await after(0);
    await after(HOUR);
    expect(said()).toHaveLength(2);
    expect(said()[0]).toContain(`${site.domain} is down`);
    expect(said()[1]).toMatch(/is well again, after 1[23] min/);
    expect(slack.received[1]?.body).toContain('the container, twice'.replace('twice', '2 times'));
  });

  test('get the same by e-mail, as one thread', async () => {
    const [site] = await sites(1);
    if (!site) return;
    await down(site);
    await after(31_000);
    await up(site);
    await after(0);
    const [first, second] = mail.received;
    expect(mail.received).toHaveLength(2);
    expect(first).toMatchObject({ from: 'berth@example.org', to: ['admin@example.org'] });
    expect(first?.headers).toMatchObject({
      from: 'Berth <berth@example.org>',
      subject: expect.stringContaining(`${site.domain} is down`),
      'auto-submitted': 'auto-generated',
      'message-id': expect.stringMatching(/^<alert-[\da-f-]{36}@example\.org>$/),
    });
    expect(second?.headers.references).toBe(first?.headers['message-id']);
    expect(second?.headers['in-reply-to']).toBe(first?.headers['message-id']);
    expect(second?.headers['message-id']).not.toBe(first?.headers['message-id']);
    expect(first?.raw).toContain('text/plain');
    expect(first?.raw).toContain('text/html');
  });

  test('are reminded after 1 h, 4 h, and then daily', async () => {
    const [site] = await sites(1);
    if (!site) return;
    await down(site);
    await after(31_000);
    for (const hours of [0.9, 0.2, 2.7, 0.3, 19, 1.1, 22, 2]) await after(hours * HOUR);
    expect(said()).toHaveLength(5);
    expect(said()[1]).toMatch(/^🔴 Still, for 1 h/);
    expect(said()[2]).toMatch(/^🔴 Still, for 4 h/);
    expect(said()[4]).toMatch(/^🔴 Still, for 2 d/);
  });

  test('are told of many sites of one host in one message, and of their end in one', async () => {
    const many = await sites(7);
    for (const site of many.slice(0, 6)) await down(site);
    await after(31_000);
    await down(many[6] as TestSite);
    await after(31_000);
    expect(said()).toEqual([expect.stringContaining('6 incidents on host h1')]);
    expect(slack.received[0]?.body).toContain(many[3]?.domain);
    for (const site of many) await up(site);
    await after(0);
    expect(said()).toHaveLength(2);
    expect(said()[1]).toContain('7 incidents on host h1');
  });

  test('are told once that something comes and goes, and once that it stopped to', async () => {
    const [site] = await sites(1);
    if (!site) return;
    for (let times = 0; times < 6; times += 1) {
      await down(site);
      await after(40_000);
      await up(site);
      await after(40_000);
    }
    const flapping = said().filter((text) => text.includes('flapping'));
    expect(flapping).toHaveLength(1);
    expect(said().length).toBeLessThanOrEqual(5);
    await after(31 * MINUTE);
    expect(said().at(-1)).toContain('steady again, after it went wrong 4 times');
  });

  test('are told nothing within a maintenance, and after it what is still wrong', async () => {
    const [broken, mended] = await sites(2);
    if (!broken || !mended) return;
    await world.db.pool.query(
      `insert into maintenance_windows (scope, host_id, ends_at, reason) values ('host', 'h1', now() + interval '1 hour', 'new disks')`,
    );
    await down(broken);
    await down(mended);
    await after(10 * MINUTE);
    await up(mended);
    await after(49 * MINUTE);
    expect(said()).toEqual([]);
    await after(2 * MINUTE);
    expect(said()).toEqual([expect.stringContaining(`After the maintenance (new disks): ${broken.domain}`)]);
    await up(broken);
    await after(0);
    expect(said()).toHaveLength(2);
  });

  test('are not reminded of a site that is to go', async () => {
    const [site] = await sites(1);
    if (!site) return;
    await down(site);
    await after(31_000);
    await world.db.pool.query(`update sites set wanted = 'deleted' where id = $1`, [site.siteId]);
    for (let hours = 0; hours < 3; hours += 1) await after(2 * HOUR);
    expect(said()).toHaveLength(2);
  });

  test('are told of a host, and not of each of its sites', async () => {
    const many = await sites(3);
    await openIncidents(world.db.pool as never, [
      {
        kind: 'docker-away',
        hostId: 'h1',
        siteId: null,
        aspect: null,
        reason: 'DockerAway',
        message: 'Docker does not answer',
        data: {},
      },
    ]);
    await after(31_000);
    for (const site of many) await down(site);
    await after(10 * MINUTE);
    expect(said()).toEqual(['🔴 host h1 is not well: DockerAway: Docker does not answer']);
  });

  test('are told of a site that is unlike itself, and when it is not any more', async () => {
    const [site] = await sites(1);
    if (!site) return;
    const message = `${site.domain}: it was started again 9 times within 2 hours`;
    const unusual = { kind: 'anomaly', aspect: 'anomaly', reason: 'MoreRestartsThanUsual', message };
    await down(site, { ...unusual, data: { restarts: 9 } });
    await after(31_000);
    expect(said()).toEqual([`🔴 ${site.domain} is unlike itself: ${message}`]);
    expect(slack.received[0]?.body).not.toContain('Restarted');
    await closeIncidents(world.db.pool as never, [{ siteId: site.siteId, aspect: 'anomaly' }]);
    await after(0);
    expect(said()).toHaveLength(2);
    expect(said()[1]).toContain(`${site.domain} is well again`);
  });

  test('are told once by several notifiers at once', async () => {
    const many = await sites(3);
    for (const site of many) await down(site);
    await world.pass(31_000);
    await Promise.all([world.notifier(), world.notifier(), world.notifier()].map((one) => one.settle()));
    const rows = await world.deliveries();
    expect(rows.filter(({ channel }) => channel === 'slack')).toHaveLength(3);
    expect(rows.filter(({ channel }) => channel === 'email')).toHaveLength(3);
  });

  test('are told all the same when deciding failed in the middle', async () => {
    const many = await sites(2);
    for (const site of many) await down(site);
    await world.pass(31_000);
    await world.db.pool.query(`create function fail() returns trigger language plpgsql as $$ begin
        if (select count(*) from deliveries) > 1 then raise exception 'no'; end if; return new; end $$;
      create trigger fail before insert on deliveries for each row execute function fail()`);
    await expect(world.notifier().settle()).rejects.toThrow('no');
    expect(await world.deliveries()).toEqual([]);
    await world.db.pool.query('drop trigger fail on deliveries');
    await after(0);
    expect(said()).toHaveLength(2);
  });
});

describe('a site that waits for an operator', () => {
  const wait = (site: TestSite, status: string, reason: string) =>
    world.db.pool.query(
      `update site_conditions set status = $2, reason = $3, message = 'no host is ready', changed_at = now() - interval '2 minutes'
      where site_id = $1 and aspect = 'placement'`,
      [site.siteId, status, reason],
    );

  test('is told of, with others that wait for the same, until it does not wait any more', async () => {
    const many = await sites(3);
    for (const site of many) await wait(site, 'false', 'NoHostReady');
    await after(0);
    expect(said()).toEqual([]);
    await after(31_000);
    expect(said()).toEqual([expect.stringContaining('3 sites wait for an operator: NoHostReady')]);
    for (const site of many) await wait(site, 'true', 'Placed');
    await after(0);
    expect(said()).toHaveLength(2);
  });

  test('is told of anew, when it waits for something else', async () => {
    const [site] = await sites(1);
    if (!site) return;
    await wait(site, 'false', 'NoHostReady');
    await after(0);
    await after(31_000);
    await wait(site, 'false', 'NoMemory');
    await after(0);
    await after(31_000);
    expect(said().filter((text) => text.includes('waits for an operator'))).toHaveLength(2);
    expect(slack.received.at(-1)?.body).toContain('NoMemory');
  });

  test('is not told of, when it waits for its customer', async () => {
    const [site] = await sites(1);
    if (!site) return;
    await wait(site, 'false', 'NameserversNotChanged');
    await after(0);
    await after(31_000);
    expect(said()).toEqual([]);
  });
});

describe('a webhook endpoint', () => {
  test('that switched itself off, and one whose messages are given up, are told of once, by their hosts', async () => {
    const gone = await startReceiver();
    gone.behave({ status: 410 });
    const broken = await startReceiver();
    broken.behave({ status: 500 });
    await world.endpoint(`${gone.url}?token=secret`);
    await world.endpoint(broken.url);
    await sites(1);
    for (let tries = 0; tries < 10; tries += 1) await after(30 * HOUR);
    await after(0);
    await Promise.all([gone.stop(), broken.stop()]);
    expect(said().filter((text) => text.includes(`Webhooks to 127.0.0.1:${gone.port} are switched off`))).toHaveLength(
      1,
    );
    expect(said().filter((text) => text.includes(`127.0.0.1:${broken.port}: a message was given up`))).toHaveLength(1);
    expect(said().join()).not.toContain('secret');
  });
});

describe('Slack', () => {
  test('is asked again when it says so with 429, and not when it says 404', async () => {
    const [site] = await sites(1);
    if (!site) return;
    slack.behave({ status: 429, headers: { 'retry-after': '30' } });
    await down(site);
    await after(31_000);
    const [waiting] = (await world.deliveries()).filter(({ channel }) => channel === 'slack');
    expect(waiting).toMatchObject({ state: 'pending', code: 429 });
    expect(waiting?.dueInMs).toBeGreaterThan(25_000);
    slack.behave({ status: 404 });
    await after(31_000);
    const [given] = (await world.deliveries()).filter(({ channel }) => channel === 'slack');
    expect(given).toMatchObject({ state: 'failed', code: 404, error: expect.stringContaining('SLACK_WEBHOOK_URL') });
  });
});

describe('a mail server', () => {
  test('that refuses for now is asked again; one that refuses for ever is not', async () => {
    const [one, two] = await sites(2);
    if (!one || !two) return;
    mail.refuse(451);
    await down(one);
    await after(31_000);
    mail.refuse(550);
    await after(6000);
    const [given] = (await world.deliveries()).filter(({ channel }) => channel === 'email');
    expect(given).toMatchObject({ state: 'failed', code: 550, tries: 2 });
    mail.refuse(undefined);
    await down(two);
    await after(31_000);
    expect(mail.received).toHaveLength(1);
  });
});

describe('what others wrote', () => {
  test('is only text in Slack, in a mail, and in its head', async () => {
    const [site] = await sites(1);
    if (!site) return;
    const evil = '<!channel> <script>alert(1)</script>\r\nBcc: victim@example.org';
    await down(site, { message: evil, reason: evil });
    await after(31_000);
    expect(slack.received[0]?.body).not.toMatch(/<[!s]/);
    const [got] = mail.received;
    expect(got?.to).toEqual(['admin@example.org']);
    expect(got?.headers.bcc).toBeUndefined();
    expect(got?.raw.split('text/html')[1]).not.toContain('<script>');
  });

  test('and no secret of the settings is in a delivery', async () => {
    const [site] = await sites(1);
    if (!site) return;
    await down(site);
    await after(31_000);
    const { rows } = await world.db.pool.query('select row_to_json(d)::text as row from deliveries d');
    expect(JSON.stringify(rows)).not.toContain(`:${slack.port}/`);
  });
});
