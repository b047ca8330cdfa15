import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';

const MINUTE_MS = 60_000;

describe('reconcileZone, when Cloudflare takes no zone,', () => {
  let world: WatcherWorld;

  beforeAll(async () => {
    world = await makeWatcherWorld();
  });
  afterAll(() => world.close());

  const tryAgain = async (site: OrderedSite, where = world) => {
    await where.wake(site, 'zone');
    await where.settle();
    return where.condition(site, 'zone');
  };

  test.each([
    [1049, 'DomainNotRegistered', 10],
    [1099, 'DomainRefused', 360],
    [1116, 'DomainRefused', 360],
    [1097, 'DomainRefused', 360],
    [1428, 'ZoneElsewhere', 10],
    [1105, 'CloudflareRefused', 180],
  ])('says what code %i means, and looks again in time', async (code, reason, minutes) => {
    const site = await world.order();
    await world.control.refuseZone(site.domain, code);
    await world.settle();
    const condition = await world.condition(site, 'zone');
    expect(condition).toMatchObject({ reason, tries: 1 });
    expect(condition.message).toContain(site.domain);
    expect(condition.dueInMs).toBeGreaterThan((minutes - 1) * MINUTE_MS);
    expect(condition.dueInMs).toBeLessThanOrEqual(minutes * MINUTE_MS);
  });

  test('says that the zone is in another account, and goes on once it was removed there', async () => {
    const site = await world.order();
    await world.control.setElsewhere([site.domain]);
    await world.settle();
    const { reason, message } = await world.condition(site, 'zone');
    expect({ reason, message }).toEqual({
      reason: 'ZoneElsewhere',
      message: `${site.domain} is held in another Cloudflare account; remove it there`,
    });
    await world.control.setElsewhere([]);
    expect((await tryAgain(site)).reason).toBe('NameserversNotChanged');
  });

  test('says that the account is full, and goes on once zones became active', async () => {
    const ordinary = await makeWatcherWorld({ profile: 'ordinary' });
    try {
      const names = Array.from({ length: 51 }, (_, index) => `pending-${index}.example`);
      for (const name of names) await ordinary.control.addZone(name, 'pending');
      const site = await ordinary.order();
      await ordinary.settle();
      expect((await ordinary.condition(site, 'zone')).reason).toBe('AccountFull');
      for (const name of names.slice(0, 26)) await ordinary.control.activateZone(name);
      expect((await tryAgain(site, ordinary)).reason).toBe('NameserversNotChanged');
    } finally {
      await ordinary.close();
    }
  });

  test('says that the token may not create zones, and takes a zone that was added by hand for somebody else’s', async () => {
    const reader = await makeWatcherWorld({ permissions: ['zone.read', 'dns.read', 'dns.edit'] });
    try {
      const site = await reader.order();
      await reader.settle();
      const { reason, message } = await reader.condition(site, 'zone');
      expect(reason).toBe('ZoneCreateForbidden');
      expect(message).toContain('Zone:Edit');
      await reader.control.addZone(site.domain, 'active');
      expect((await tryAgain(site, reader)).reason).toBe('ZoneAlreadyActive');
      await reader.confirmZone(site);
      await reader.settle();
      expect(await reader.condition(site, 'zone')).toMatchObject({ status: 'true', reason: 'ZoneActive' });
    } finally {
      await reader.close();
    }
  });

  test('creates nothing more while it cannot tell whether an earlier create made the zone', async () => {
    const site = await world.order();
    await world.control.misbehave({ method: 'POST', path: '^/zones$', kind: 'lost-answer' });
    await world.settle();
    await world.control.clearCalls();
    await world.wake(site, 'zone');
    await world.control.misbehave({ method: 'GET', path: '^/zones$', kind: 'refusal', status: 200, code: 1000 });
    await world.settle();
    expect((await world.condition(site, 'zone')).reason).toBe('CloudflareRefused');
    expect((await world.control.callCounts())['POST /zones']).toBeUndefined();
  });

  test.each(['5xx', 'html-5xx', 'cut', 'hang', 'stalled-body'] as const)(
    'makes one zone in spite of %s',
    async (kind) => {
      const site = await world.order();
      await world.control.misbehave({ method: 'POST', path: '^/zones$', kind });
      await world.settle(world.makeZones(kind === 'hang' || kind === 'stalled-body' ? 2000 : 20_000));
      expect((await world.condition(site, 'zone')).reason).toBe('CloudflareUnavailable');
      expect((await tryAgain(site)).reason).toBe('NameserversNotChanged');
      expect((await world.control.listZones()).filter((zone) => zone.name === site.domain)).toHaveLength(1);
    },
  );

  test('asks the customer to add the zone in the mode find, and takes it as it is', async () => {
    const finder = await makeWatcherWorld({ mode: 'find', permissions: ['zone.read'] });
    try {
      const site = await finder.order();
      await finder.settle();
      expect(await finder.condition(site, 'zone')).toMatchObject({
        reason: 'ZoneNotInAccount',
        message: `add ${site.domain} to the Cloudflare account; Berth goes on by itself`,
      });
      await finder.control.addZone(site.domain, 'active');
      expect(await tryAgain(site, finder)).toMatchObject({ status: 'true', reason: 'ZoneActive' });
      await finder.leave(site);
      await finder.settle();
      expect(await finder.condition(site, 'zone')).toMatchObject({ reason: 'ZoneKept', gone: true });
      expect(await finder.control.listZones()).toHaveLength(1);
    } finally {
      await finder.close();
    }
  });
});
