import { readSiteDomain } from '@berth/shared/store/domain-checks';
import { findSite } from '@berth/shared/store/read-sites';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';

const DS = { keyTag: 4711, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) };

describe('takeOverZone', () => {
  let world: WatcherWorld;
  let made = 0;

  beforeAll(async () => {
    world = await makeWatcherWorld();
  });
  afterEach(async () => {
    await world.control.behave();
    await world.control.setDnsFault(null);
  });
  afterAll(() => world.close());

  const newDomain = () => {
    made += 1;
    return `former-${made}.example`;
  };
  const recordsOf = (domain: string) => [
    { type: 'A', name: domain, content: '192.0.2.10', ttl: 300 },
    { type: 'NS', name: domain, content: 'ns1.registrar.example', ttl: 300 },
    { type: 'MX', name: domain, content: `mail.${domain}`, priority: 10, ttl: 3600 },
    { type: 'A', name: `mail.${domain}`, content: '192.0.2.11', ttl: 3600 },
    { type: 'TXT', name: domain, content: '"v=spf1 mx -all"', ttl: 3600 },
    { type: 'TXT', name: `_dmarc.${domain}`, content: '"v=DMARC1; p=reject"', ttl: 60 },
    { type: 'CNAME', name: `autodiscover.${domain}`, content: 'auto.former.example', ttl: 3600 },
  ];
  async function ordered(domain: string, former = recordsOf(domain)): Promise<OrderedSite> {
    await world.control.setFormerRecords(domain, former);
    const site = await world.order({ domain });
    await world.settle();
    return site;
  }
  async function lookAgain(site: OrderedSite) {
    await world.wake(site, 'zone');
    await world.settle();
    return world.condition(site, 'zone');
  }
  const told = async ({ key }: OrderedSite) => (await findSite(world.db, key))?.nameServers;
  const inZone = async (domain: string) =>
    (await world.control.listRecords(domain)).map(({ type, name, proxied }) => `${type} ${name} ${proxied}`).sort();

  test('puts what the former name servers know into the zone, past the proxy, before it tells the new ones', async () => {
    const domain = newDomain();
    const site = await ordered(domain);
    expect(await inZone(domain)).toEqual(
      [
        `A ${domain} false`,
        `A mail.${domain} false`,
        `CNAME autodiscover.${domain} false`,
        `MX ${domain} false`,
        `TXT ${domain} false`,
        `TXT _dmarc.${domain} false`,
      ].sort(),
    );
    const { reason, message } = await world.condition(site, 'zone');
    expect(reason).toBe('NameserversNotChanged');
    expect(message).not.toContain('e-mail');
    expect(await told(site)).toHaveLength(2);
    expect(await world.events(site, 'zone.records-taken-over')).toHaveLength(1);
  });

  test('takes three calls for it beside those of the zone', async () => {
    const domain = newDomain();
    await world.control.clearCalls();
    await ordered(domain);
    const calls = Object.entries(await world.control.callCounts()).filter(([call]) => call.includes('/dns_records'));
    expect(calls.reduce((sum, [, count]) => sum + count, 0)).toBe(3);
  });

  test('tells nobody the name servers as long as the scan runs', async () => {
    const domain = newDomain();
    await world.control.setFormerRecords(domain, recordsOf(domain), 60_000);
    const site = await world.order({ domain });
    world.takeover.scanMs = 60_000;
    try {
      await world.settle();
      const { reason, message, dueInMs } = await world.condition(site, 'zone');
      expect(reason).toBe('ScanningRecords');
      expect(message).not.toContain('cloudflare.com');
      expect(dueInMs).toBeGreaterThan(20_000);
      expect(await told(site)).toEqual([]);
      expect(await readSiteDomain(world.db, site.key)).toMatchObject({ nameServers: [], zoneStatus: 'pending' });
    } finally {
      world.takeover.scanMs = 0;
      await world.control.setFormerRecords(domain, [], 0);
    }
  });

  test('says that mail is unknown when nothing was found, and holds nothing up', async () => {
    const site = await ordered(newDomain(), []);
    const { reason, message } = await world.condition(site, 'zone');
    expect(reason).toBe('NameserversNotChanged');
    expect(message).toContain('if the domain has e-mail');
    expect(await told(site)).toHaveLength(2);
    expect(await world.events(site, 'zone.mail-unknown')).toHaveLength(1);
    await lookAgain(site);
    expect(await world.events(site, 'zone.mail-unknown')).toHaveLength(1);
  });

  test('goes on with mail unknown when Cloudflare refuses to scan', async () => {
    await world.control.misbehave({ path: 'scan/trigger$', kind: 'refusal', status: 400, code: 1000 });
    const site = await ordered(newDomain(), []);
    expect((await world.condition(site, 'zone')).message).toContain('if the domain has e-mail');
  });

  test("asks the domain's name servers for its mail when Cloudflare refuses to scan", async () => {
    await world.control.misbehave({ path: 'scan/trigger$', kind: 'refusal', status: 400, code: 1000 });
    const domain = newDomain();
    const site = await ordered(domain);
    const { reason, message } = await world.condition(site, 'zone');
    expect(reason).toBe('NameserversNotChanged');
    expect(message).not.toContain('e-mail');
    expect(await inZone(domain)).toEqual(
      [`A mail.${domain} false`, `MX ${domain} false`, `TXT ${domain} false`, `TXT _dmarc.${domain} false`].sort(),
    );
  });

  test('looks into a zone that was there before when the scan finds nothing that is missing', async () => {
    const domain = newDomain();
    await world.control.addZone(domain, 'pending');
    await world.control.addRecord(domain, { type: 'MX', name: domain, content: 'mx.example', priority: 1 });
    const site = await ordered(domain, []);
    const { reason, message } = await world.condition(site, 'zone');
    expect(reason).toBe('NameserversNotChanged');
    expect(message).not.toContain('e-mail');
  });

  test.each(['lost-answer', '5xx', 'cut'] as const)(
    'has each record once although the review ended in %s',
    async (kind) => {
      const domain = newDomain();
      await world.control.misbehave({ method: 'POST', path: 'scan/review$', kind });
      const site = await ordered(domain);
      expect((await world.condition(site, 'zone')).reason).toBe('CloudflareUnavailable');
      expect(await told(site)).toEqual([]);
      expect((await lookAgain(site)).reason).toBe('NameserversNotChanged');
      expect(await inZone(domain)).toHaveLength(6);
    },
  );

  test('makes what is missing one by one when the review is refused, and waits for what mail needs', async () => {
    const domain = newDomain();
    await world.control.misbehave({
      method: 'POST',
      path: 'scan/review$',
      kind: 'refusal',
      status: 400,
      code: 1004,
      times: 9,
    });
    await world.control.misbehave({ method: 'POST', path: 'dns_records$', kind: 'refusal', status: 400, code: 1004 });
    const site = await ordered(domain);
    const { reason, message } = await world.condition(site, 'zone');
    expect(reason).toBe('MailRecordsRefused');
    expect(message).toContain(`MX ${domain}`);
    expect(await inZone(domain)).toHaveLength(5);
    expect(await told(site)).toEqual([]);
    expect((await lookAgain(site)).reason).toBe('NameserversNotChanged');
    expect(await inZone(domain)).toHaveLength(6);
  });

  test('does it once when two are at it', async () => {
    const domain = newDomain();
    await world.control.setFormerRecords(domain, recordsOf(domain));
    const site = await world.order({ domain });
    await Promise.all([world.settle(), world.settle(), lookAgain(site)]);
    await lookAgain(site);
    expect((await world.condition(site, 'zone')).reason).toBe('NameserversNotChanged');
    expect(await inZone(domain)).toHaveLength(6);
    expect(await world.events(site, 'zone.records-taken-over')).toHaveLength(1);
  });

  describe('for a domain that is signed', () => {
    test('asks the customer to switch that off first, and tells the name servers once nobody remembers it', async () => {
      const domain = newDomain();
      await world.control.setDelegation(domain, { ds: [DS] });
      const site = await ordered(domain);
      const signed = await world.condition(site, 'zone');
      expect(signed).toMatchObject({ status: 'false', reason: 'DnssecActive' });
      expect(signed.message).toContain('DNSSEC');
      expect(await told(site)).toEqual([]);

      await world.control.setDelegation(domain, { ds: [] });
      expect((await lookAgain(site)).reason).toBe('DnssecEnding');
      expect(await told(site)).toEqual([]);

      await world.db.pool.query(
        `update zone_takeovers set ds_remembered_until = now() where zone_id = (select zone_id from sites where id = $1)`,
        [site.siteId],
      );
      expect((await lookAgain(site)).reason).toBe('NameserversNotChanged');
      expect(await told(site)).toHaveLength(2);
    });

    test('tells the name servers all the same when nobody could say for long enough', async () => {
      await world.control.setDnsFault('servfail');
      world.takeover.patienceMs = 60_000;
      try {
        const site = await ordered(newDomain());
        expect((await world.condition(site, 'zone')).reason).toBe('CheckingDnssec');
        expect(await told(site)).toEqual([]);
        await world.db.pool.query(`update zone_takeovers set ds_unanswered_since = now() - interval '1 hour'`);
        expect((await lookAgain(site)).reason).toBe('NameserversNotChanged');
      } finally {
        world.takeover.patienceMs = 0;
      }
    });
  });

  describe('of a site that leaves before its zone was active', () => {
    test('takes the copies with the zone', async () => {
      const domain = newDomain();
      const site = await ordered(domain);
      await world.leave(site);
      await world.settle();
      expect(await world.condition(site, 'zone')).toMatchObject({ gone: true, reason: 'ZoneRemoved' });
    });

    test('keeps the zone once somebody has changed a copy', async () => {
      const domain = newDomain();
      const site = await ordered(domain);
      const [mx] = (await world.control.listRecords(domain)).filter(({ type }) => type === 'MX');
      await world.control.changeRecord(domain, mx?.id ?? '', { content: 'new.example' });
      await world.leave(site);
      await world.settle();
      expect(await world.condition(site, 'zone')).toMatchObject({ gone: true, reason: 'ZoneKept' });
    });
  });
});
