import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';
import type { CloudflareZones } from './zone-access.ts';

describe('reconcileZone', () => {
  let world: WatcherWorld;

  beforeAll(async () => {
    world = await makeWatcherWorld();
  });
  afterAll(() => world.close());

  const zoneOf = async (site: OrderedSite) =>
    (await world.control.listZones()).find((zone) => zone.name === site.domain);
  const stale = (site: OrderedSite) =>
    world.db.pool.query(
      `update zones set checked_at = now() - interval '2 hours' where id = (select zone_id from sites where id = $1)`,
      [site.siteId],
    );
  /** Looks anew, as after an hour in which nobody watched. */
  async function lookAfterAnHour(site: OrderedSite) {
    await stale(site);
    await world.wake(site, 'zone');
    await world.settle();
    return world.condition(site, 'zone');
  }
  async function active(more = {}): Promise<OrderedSite> {
    const site = await world.order(more);
    await world.settle();
    await world.control.activateZone(site.domain);
    expect(await lookAfterAnHour(site)).toMatchObject({ status: 'true', reason: 'ZoneActive' });
    return site;
  }

  test('makes the zone and asks for both of its name servers', async () => {
    const domain = 'known-mail.example';
    await world.control.setFormerRecords(domain, [{ type: 'MX', name: domain, content: 'mx.example', priority: 1 }]);
    const site = await world.order({ domain });
    await world.settle();
    const zone = await zoneOf(site);
    expect(zone).toMatchObject({ status: 'pending' });
    const [first, second] = zone?.nameServers ?? [];
    const { reason, message, status } = await world.condition(site, 'zone');
    expect({ reason, status }).toEqual({ reason: 'NameserversNotChanged', status: 'false' });
    expect(message).toBe(`at the registrar of ${site.domain}, set the name servers to ${first} and ${second}`);
  });

  test('takes a zone that is in the account and pending, and makes none beside it', async () => {
    await world.control.addZone('there.example', 'pending');
    const site = await world.order({ domain: 'there.example' });
    await world.settle();
    expect((await world.condition(site, 'zone')).reason).toBe('NameserversNotChanged');
    expect((await world.control.listZones()).filter((zone) => zone.name === 'there.example')).toHaveLength(1);
  });

  test('is true once the zone is active, and says so once', async () => {
    const site = await active();
    expect(await lookAfterAnHour(site)).toMatchObject({ status: 'true' });
    expect(await lookAfterAnHour(site)).toMatchObject({ status: 'true' });
    const told = await world.events(site, 'condition.changed');
    expect(told.filter((event) => event.reason === 'ZoneActive')).toHaveLength(1);
  });

  test('finds what was made by a create whose answer was lost, and knows it as its own', async () => {
    const site = await world.order();
    await world.control.misbehave({ method: 'POST', path: '^/zones$', kind: 'lost-answer' });
    await world.settle();
    expect((await world.condition(site, 'zone')).reason).toBe('CloudflareUnavailable');
    await world.control.activateZone(site.domain);
    await world.wake(site, 'zone');
    await world.settle();
    expect(await world.condition(site, 'zone')).toMatchObject({ status: 'true', reason: 'ZoneActive' });
  });

  test('knows a zone as its own that a create without an answer made and that was not listed at once', async () => {
    const site = await world.order();
    await world.control.misbehave({ method: 'POST', path: '^/zones$', kind: 'lost-answer' });
    await world.settle();
    const zones = world.makeZones();
    let listings = 0;
    const late: CloudflareZones = {
      ...zones,
      async find(name, signal) {
        listings += 1;
        return listings === 1 ? undefined : zones.find(name, signal);
      },
    };
    await world.wake(site, 'zone');
    await world.settle(late);
    expect((await world.condition(site, 'zone')).reason).toBe('NameserversNotChanged');
    await world.leave(site);
    await world.settle();
    expect(await zoneOf(site)).toBeUndefined();
  });

  describe('for a zone that no name server proves', () => {
    test('waits when it was active before, and goes on once an operator has confirmed', async () => {
      await world.control.addZone('before.example', 'active');
      const site = await world.order({ domain: 'before.example' });
      await world.settle();
      expect(await world.condition(site, 'zone')).toMatchObject({ reason: 'ZoneAlreadyActive', dueInMs: null });
      await world.confirmZone(site);
      await world.settle();
      expect(await world.condition(site, 'zone')).toMatchObject({ status: 'true', reason: 'ZoneActive' });
    });

    test('waits when somebody put it in the place of the one that was made for the order', async () => {
      const site = await world.order();
      await world.settle();
      await world.control.setZoneStatus(site.domain, 'deleted');
      await world.control.addZone(site.domain, 'active');
      expect((await lookAfterAnHour(site)).reason).toBe('ZoneAlreadyActive');
    });

    test('goes on at once when the order says that the zone exists', async () => {
      await world.control.addZone('known.example', 'active');
      const site = await world.order({ domain: 'known.example', existingZone: true });
      await world.settle();
      expect(await world.condition(site, 'zone')).toMatchObject({ status: 'true', reason: 'ZoneActive' });
    });

    test('waits when it had been active before it was found as moved', async () => {
      await world.control.addZone('left.example', 'active');
      await world.control.setZoneStatus('left.example', 'moved');
      const site = await world.order({ domain: 'left.example' });
      await world.settle();
      expect((await world.condition(site, 'zone')).reason).toBe('ZoneMoved');
      await world.control.activateZone('left.example');
      expect((await lookAfterAnHour(site)).reason).toBe('ZoneAlreadyActive');
    });

    test('waits when another customer’s former site had it, and not when it was the same customer', async () => {
      const former = await active({ customer: { externalId: 'former', name: 'F', email: 'f@example.org' } });
      await world.leave(former);
      await world.settle();
      expect(await world.condition(former, 'zone')).toMatchObject({ gone: true });
      const next = await world.order({ domain: former.domain });
      await world.settle();
      expect(await world.condition(next, 'zone')).toMatchObject({ status: 'false', reason: 'ZoneAlreadyActive' });
      await world.leave(next);
      await world.settle();
      const own = await active();
      await world.leave(own);
      await world.settle();
      const { rows } = await world.db.pool.query(
        'select c.external_id, c.name, c.email from customers c join sites s on s.customer_id = c.id where s.id = $1',
        [own.siteId],
      );
      const customer = { externalId: rows[0].external_id, name: rows[0].name, email: rows[0].email };
      const again = await world.order({ domain: own.domain, customer });
      await world.settle();
      expect(await world.condition(again, 'zone')).toMatchObject({ status: 'true', reason: 'ZoneActive' });
    });

    test('goes on with a new zone of a name that another customer only ordered, since its name servers are the proof', async () => {
      const former = await world.order();
      await world.settle();
      await world.leave(former);
      await world.settle();
      expect(await zoneOf(former)).toBeUndefined();
      const owner = await world.order({ domain: former.domain });
      await world.settle();
      await world.control.activateZone(owner.domain);
      expect(await lookAfterAnHour(owner)).toMatchObject({ status: 'true', reason: 'ZoneActive' });
    });
  });

  describe('for a zone that changes', () => {
    test('says that it has left Cloudflare, and goes on when it is back', async () => {
      const site = await active();
      await world.control.setZoneStatus(site.domain, 'moved');
      const { reason, message } = await lookAfterAnHour(site);
      expect(reason).toBe('ZoneMoved');
      for (const name of (await zoneOf(site))?.nameServers ?? []) expect(message).toContain(name);
      await world.control.activateZone(site.domain);
      expect(await lookAfterAnHour(site)).toMatchObject({ status: 'true', reason: 'ZoneActive' });
    });

    test('makes a new one when it was deleted while pending, and asks for the new name servers', async () => {
      const site = await world.order();
      await world.settle();
      const before = await world.condition(site, 'zone');
      await world.control.setZoneStatus(site.domain, 'deleted');
      const after = await lookAfterAnHour(site);
      expect(after.reason).toBe('NameserversNotChanged');
      expect(after.message).not.toBe(before.message);
      for (const name of (await zoneOf(site))?.nameServers ?? []) expect(after.message).toContain(name);
    });

    test('makes no new one once the site was live, and takes the one that a person made', async () => {
      const site = await active();
      await world.noteLive(site);
      await world.control.setZoneStatus(site.domain, 'deleted');
      expect(await lookAfterAnHour(site)).toMatchObject({ status: 'false', reason: 'ZoneDeleted' });
      expect(await zoneOf(site)).toBeUndefined();
      const made = await world.control.addZone(site.domain, 'pending');
      await world.wake(site, 'zone');
      await world.settle();
      const { reason, message } = await world.condition(site, 'zone');
      expect(reason).toBe('NameserversNotChanged');
      for (const name of made.nameServers) expect(message).toContain(name);
    });

    test('takes no zone for deleted because the token is refused', async () => {
      const site = await active();
      await world.noteLive(site);
      await world.control.misbehave({ path: '^/zones', kind: 'refusal', status: 403, code: 9109, times: 2 });
      expect(await lookAfterAnHour(site)).toMatchObject({ status: 'unknown', reason: 'CloudflareUnauthorized' });
      await world.wake(site, 'zone');
      await world.settle();
      expect(await world.condition(site, 'zone')).toMatchObject({ status: 'true', reason: 'ZoneActive' });
    });
  });
});
