import { closeIncidents, openIncidents } from '@berth/shared/store/incidents';
import { type MailServer, startMailServer } from '@berth/simulators/mail/mail-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeNotifierWorld, type NotifierWorld, type TestSite } from '../testing/notifier-world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let world: NotifierWorld;
let mail: MailServer;

beforeEach(async () => {
  mail = await startMailServer();
  world = await makeNotifierWorld({ SMTP_URL: mail.url, SMTP_FROM: 'hosting@example.org' });
  await world.db.pool.query(`insert into hosts (id) values ('h1')`);
});
afterEach(async () => {
  await mail.stop();
  await world.close();
});

let customers = 0;
const order = (language: 'de' | 'en', wish: { notify?: boolean } = { notify: true }) => {
  customers += 1;
  const customer = {
    externalId: `c${customers}`,
    name: 'Erika Müller',
    email: `c${customers}@example.org`,
    ...wish,
    language,
  };
  return world.order({ customer });
};
const live = async (site: TestSite) => {
  await world.db.pool.query('update sites set live_at = now() where id = $1', [site.siteId]);
  await world.event(site, { type: 'order.live' });
};
const waitForNameServers = async (site: TestSite, told = true) => {
  await world.db.pool.query(
    `with a as (insert into cloudflare_accounts (id) values ('acc') on conflict (id) do update set id = excluded.id returning id),
    z as (insert into zones (account_id, cf_zone_id, name, status, name_servers, told_at)
      select id, $2, $2, 'pending', '{ada.ns.cloudflare.com,bob.ns.cloudflare.com}', case when $3 then now() end from a returning id)
    update sites s set zone_id = z.id from z where s.id = $1`,
    [site.siteId, site.domain, told],
  );
  await world.db.pool.query(
    `update site_conditions set status = 'false', reason = 'NameserversNotChanged' where site_id = $1 and aspect = 'zone'`,
    [site.siteId],
  );
  await world.event(site, {
    type: 'condition.changed',
    aspect: 'zone',
    status: 'false',
    reason: 'NameserversNotChanged',
  });
};
const down = (site: TestSite) =>
  openIncidents(world.db.pool as never, [
    {
      kind: 'container-down',
      hostId: 'h1',
      siteId: site.siteId,
      aspect: 'container',
      reason: 'ConnectionRefused',
      message: 'an internal matter',
      data: {},
    },
  ]);
const up = (site: TestSite) => closeIncidents(world.db.pool as never, [{ siteId: site.siteId, aspect: 'container' }]);
const after = async (ms: number) => {
  await world.pass(ms);
  await world.notifier().settle();
};
const subjects = () =>
  mail.received.map(({ headers }) =>
    (headers.subject ?? '').replaceAll(/=\?UTF-8\?Q\?(.*?)\?=/gi, (_all, text: string) =>
      decodeURIComponent(text.replaceAll('_', ' ').replaceAll('=', '%')),
    ),
  );

describe('a customer who wishes to be written to', () => {
  test('is told in German which name servers to set, and that the site is online', async () => {
    const site = await order('de');
    await waitForNameServers(site);
    await after(0);
    await world.event(site, {
      type: 'condition.changed',
      aspect: 'zone',
      status: 'false',
      reason: 'NameserversNotChanged',
    });
    await after(0);
    await live(site);
    await after(0);
    expect(subjects()).toEqual([`${site.domain}: bitte tragen Sie diese Nameserver ein`, `${site.domain} ist online`]);
    expect(mail.received[0]).toMatchObject({ from: 'hosting@example.org', to: [`c${customers}@example.org`] });
    expect(mail.received[0]?.raw).toContain('ada.ns.cloudflare.com');
    expect(mail.received[0]?.raw).toContain('lang=3D"de"');
  });

  test('is told no name servers that are withheld, neither at once nor by a reminder', async () => {
    const site = await order('de');
    await waitForNameServers(site, false);
    await after(0);
    await world.db.pool.query(`update zones set created_at = now() - interval '4 days'`);
    await after(60 * MINUTE);
    expect(mail.received.filter(({ raw }) => raw.includes('ns.cloudflare.com'))).toEqual([]);
  });

  test('is asked once, in German, to switch DNSSEC off', async () => {
    const site = await order('de');
    const event = { type: 'condition.changed', aspect: 'zone', status: 'false', reason: 'DnssecActive' };
    await world.event(site, event);
    await after(0);
    await world.event(site, event);
    await after(0);
    expect(subjects()).toEqual([`${site.domain}: bitte schalten Sie zuerst DNSSEC aus`]);
  });

  test('is told in English what is needed, once a day', async () => {
    const site = await order('en');
    const event = {
      type: 'condition.changed',
      aspect: 'zone',
      status: 'false',
      reason: 'ZoneMoved',
      message: 'it moved away',
    };
    await world.event(site, event);
    await world.event(site, event);
    await after(0);
    expect(subjects()).toEqual([`${site.domain}: something is needed from you`]);
    expect(mail.received[0]?.raw).toContain('it moved away');
  });

  test('is told of an outage of more than ten minutes, and of its end, without our reasons', async () => {
    const site = await order('en');
    await live(site);
    await after(0);
    await down(site);
    await after(9 * MINUTE);
    expect(subjects()).toHaveLength(1);
    await after(2 * MINUTE);
    await after(60 * MINUTE);
    await up(site);
    await after(0);
    await after(0);
    expect(subjects().slice(1)).toEqual([
      `${site.domain} cannot be reached at present`,
      `${site.domain} is online again`,
    ]);
    expect(mail.received[2]?.raw).toContain('1 h 11 min');
    for (const { raw } of mail.received) expect(raw).not.toContain('an internal matter');
  });

  test('is told nothing of what lasted less, nor of what happens within a maintenance', async () => {
    const site = await order('en');
    await live(site);
    await after(0);
    await down(site);
    await after(9 * MINUTE);
    await up(site);
    await after(5 * MINUTE);
    await world.db.pool.query(
      `insert into maintenance_windows (scope, ends_at, reason) values ('all', now() + interval '1 hour', 'new disks')`,
    );
    await down(site);
    await after(30 * MINUTE);
    expect(subjects()).toHaveLength(1);
    await after(31 * MINUTE);
    expect(subjects()).toHaveLength(2);
  });

  test('is told that a site is down when its host is', async () => {
    const site = await order('en');
    await live(site);
    await world.db.pool.query(`insert into placements (site_id, host_id, slot, port) values ($1, 'h1', 1, 3101)`, [
      site.siteId,
    ]);
    await after(0);
    await openIncidents(world.db.pool as never, [
      { kind: 'host-down', hostId: 'h1', siteId: null, aspect: null, reason: 'LeaseExpired', message: '', data: {} },
    ]);
    await after(11 * MINUTE);
    expect(subjects()[1]).toBe(`${site.domain} cannot be reached at present`);
  });

  test('is reminded of name servers on some days, once each', async () => {
    const site = await order('de');
    await waitForNameServers(site);
    await after(0);
    const sinceDays = async (days: number) => {
      await world.db.pool.query(`update zones set created_at = now() - $1::float8 * interval '1 ms'`, [days * DAY]);
      await after(0);
      await after(0);
    };
    for (const days of [0.9, 1.1, 2.9, 3.1, 15, 30]) await sinceDays(days);
    expect(subjects()).toHaveLength(5);
    expect(subjects()[1]).toBe(`${site.domain}: die Nameserver sind noch nicht eingetragen`);
  });
});

describe('a customer', () => {
  test.each([
    ['who did not say so', {}],
    ['who does not wish it', { notify: false }],
  ])('%s is told nothing', async (_who, wish) => {
    const site = await order('de', wish);
    await waitForNameServers(site);
    await live(site);
    await down(site);
    await after(20 * MINUTE);
    await up(site);
    await after(0);
    expect(mail.received).toEqual([]);
  });

  test('keeps the wish and the language with a further order that says nothing of them', async () => {
    const customer = { externalId: 'same', name: 'Max', email: 'max@example.org' };
    await world.order({ customer: { ...customer, notify: true, language: 'de' } });
    await world.order({ customer });
    const { rows } = await world.db.pool.query(`select notify, language from customers where external_id = 'same'`);
    expect(rows).toEqual([{ notify: true, language: 'de' }]);
    await world.order({ customer: { ...customer, notify: false } });
    expect((await world.db.pool.query('select notify from customers')).rows).toEqual([{ notify: false }]);
  });

  test('whose address or name holds more than that gets one mail', async () => {
    const evil = {
      externalId: 'evil',
      name: 'A\r\nBcc: victim@example.org',
      email: 'a@example.org, victim@example.org',
    };
    const site = await world.order({ customer: { ...evil, notify: true, language: 'en' } });
    await live(site);
    await after(0);
    expect(mail.received.flatMap(({ to }) => to)).not.toContain('victim@example.org');
    for (const { headers } of mail.received) expect(headers.bcc).toBeUndefined();
  });
});
