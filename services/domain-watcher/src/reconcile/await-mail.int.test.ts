import { readSiteDomain } from '@berth/shared/store/domain-checks';
import { findSite } from '@berth/shared/store/read-sites';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';

describe('awaitMail', () => {
  let world: WatcherWorld;
  let made = 0;

  beforeAll(async () => {
    world = await makeWatcherWorld();
  });
  afterEach(async () => {
    await world.control.behave();
    await world.control.setResolverFault(false);
  });
  afterAll(() => world.close());

  const newDomain = () => {
    made += 1;
    return `mail-${made}.example`;
  };
  const mailOf = (domain: string) => [
    { type: 'MX', name: domain, content: `odd-name.${domain}`, priority: 10, ttl: 3600 },
    { type: 'A', name: `odd-name.${domain}`, content: '192.0.2.25', ttl: 3600 },
    { type: 'TXT', name: domain, content: '"v=spf1 mx -all"', ttl: 3600 },
    { type: 'TXT', name: `_dmarc.${domain}`, content: '"v=DMARC1; p=reject"', ttl: 3600 },
    { type: 'TXT', name: `s1-ionos._domainkey.${domain}`, content: '"v=DKIM1; p=abcdefgh"', ttl: 3600 },
  ];
  const website = (domain: string) => [{ type: 'A', name: domain, content: '192.0.2.10', ttl: 300 }];
  async function ordered(domain: string, unscanned = mailOf(domain)): Promise<OrderedSite> {
    await world.control.setFormerRecords(domain, website(domain));
    await world.control.setUnscannedRecords(domain, unscanned);
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

  test('puts into the zone what the present name servers say of mail and no scan found, before it tells the new ones', async () => {
    const domain = newDomain();
    const site = await ordered(domain);
    expect((await world.condition(site, 'zone')).reason).toBe('NameserversNotChanged');
    const all = [...website(domain), ...mailOf(domain)].map(({ type, name }) => `${type} ${name} false`);
    expect(await inZone(domain)).toEqual(all.sort());
    const { mail, takeover } = await readSiteDomain(world.db, site.key);
    expect({ mail, found: takeover?.found.length, missing: takeover?.missing }).toEqual({
      mail: 'taken-over',
      found: 6,
      missing: [],
    });
    expect(await told(site)).toHaveLength(2);
  });

  test('withholds the name servers as long as a record that was found is missing, and says which', async () => {
    const domain = newDomain();
    await world.control.misbehave({
      method: 'POST',
      path: 'dns_records$',
      kind: 'refusal',
      status: 400,
      code: 1004,
      times: 100,
    });
    const site = await ordered(domain);
    const { status, reason, message } = await world.condition(site, 'zone');
    expect({ status, reason }).toEqual({ status: 'false', reason: 'MailRecordsMissing' });
    expect(message).toContain(`MX ${domain} (odd-name.${domain})`);
    expect(await told(site)).toEqual([]);
    expect((await readSiteDomain(world.db, site.key)).takeover?.missing).toHaveLength(5);

    await world.control.behave();
    expect((await lookAgain(site)).reason).toBe('NameserversNotChanged');
    expect(await told(site)).toHaveLength(2);
    expect((await readSiteDomain(world.db, site.key)).takeover?.missing).toEqual([]);
  });

  test('goes on once a person has decided what stands in the place of what was found', async () => {
    const domain = newDomain();
    await world.control.misbehave({
      method: 'POST',
      path: 'dns_records$',
      kind: 'refusal',
      status: 400,
      code: 1004,
      times: 100,
    });
    const [mx = {}] = mailOf(domain);
    const site = await ordered(domain, [mx as ReturnType<typeof mailOf>[number]]);
    expect((await world.condition(site, 'zone')).reason).toBe('MailRecordsMissing');
    await world.control.addRecord(domain, { type: 'MX', name: domain, content: 'mx.new.example', priority: 1 });
    expect((await lookAgain(site)).reason).toBe('NameserversNotChanged');
    expect((await inZone(domain)).filter((record) => record.startsWith('MX'))).toHaveLength(1);
  });

  test.each(['lost-answer', '5xx', 'cut'] as const)(
    'has each record once although making it ended in %s',
    async (kind) => {
      const domain = newDomain();
      await world.control.misbehave({ method: 'POST', path: 'dns_records$', kind });
      const site = await ordered(domain);
      expect((await world.condition(site, 'zone')).reason).toBe('CloudflareUnavailable');
      expect(await told(site)).toEqual([]);
      expect((await lookAgain(site)).reason).toBe('NameserversNotChanged');
      expect(await inZone(domain)).toHaveLength(6);
    },
  );

  test('tells the name servers all the same when nobody could say for long enough', async () => {
    await world.control.setResolverFault(true);
    world.takeover.patienceMs = 60_000;
    try {
      const site = await ordered(newDomain());
      expect((await world.condition(site, 'zone')).reason).toBe('CheckingMail');
      expect(await told(site)).toEqual([]);
      await world.db.pool.query(`update zone_takeovers set mail_unanswered_since = now() - interval '1 hour'`);
      expect((await lookAgain(site)).reason).toBe('NameserversNotChanged');
    } finally {
      world.takeover.patienceMs = 0;
    }
  });

  test('takes its copies away with the zone of a site that leaves before it was active', async () => {
    const site = await ordered(newDomain());
    await world.leave(site);
    await world.settle();
    expect(await world.condition(site, 'zone')).toMatchObject({ gone: true, reason: 'ZoneRemoved' });
  });
});
