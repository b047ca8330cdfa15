import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';

describe('reconcileZone of a site that leaves', () => {
  let world: WatcherWorld;

  beforeAll(async () => {
    world = await makeWatcherWorld();
  });
  afterAll(() => world.close());

  const zoneOf = async ({ domain }: OrderedSite) =>
    (await world.control.listZones()).find((zone) => zone.name === domain);

  async function ordered(more: Parameters<WatcherWorld['order']>[0] = {}): Promise<OrderedSite> {
    const site = await world.order(more);
    await world.settle();
    return site;
  }
  async function gone(site: OrderedSite) {
    await world.leave(site);
    await world.settle();
    const condition = await world.condition(site, 'zone');
    expect(condition).toMatchObject({ gone: true, dueInMs: null });
    expect(await world.events(site, 'site.gone')).toHaveLength(1);
    return condition;
  }

  test('removes a zone that Berth made, that never was active and holds no records', async () => {
    const site = await ordered();
    expect((await gone(site)).reason).toBe('ZoneRemoved');
    expect(await zoneOf(site)).toBeUndefined();
    expect(await world.events(site, 'zone.kept')).toEqual([]);
  });

  test('keeps a zone that has been active, and says so once', async () => {
    const site = await ordered();
    await world.control.activateZone(site.domain);
    expect((await gone(site)).reason).toBe('ZoneKept');
    expect(await zoneOf(site)).toMatchObject({ status: 'active' });
    expect(await world.events(site, 'zone.kept')).toHaveLength(1);
  });

  test('keeps a zone that was active while nobody looked', async () => {
    const site = await ordered();
    await world.control.activateZone(site.domain);
    await world.control.setZoneStatus(site.domain, 'moved');
    expect((await gone(site)).reason).toBe('ZoneKept');
    expect(await zoneOf(site)).toBeDefined();
  });

  test('keeps a zone that holds records that Berth did not make', async () => {
    const site = await ordered();
    await world.control.addRecord(site.domain, {
      type: 'MX',
      name: site.domain,
      content: 'mail.example.org',
      priority: 10,
    });
    expect((await gone(site)).reason).toBe('ZoneKept');
    expect(await world.control.listRecords(site.domain)).toHaveLength(1);
    const [told, ...more] = await world.events(site, 'zone.kept');
    expect(told?.message).toContain('records that Berth did not make');
    expect(more).toEqual([]);
  });

  test('keeps a zone that was there before', async () => {
    await world.control.addZone('before.example', 'pending');
    const site = await ordered({ domain: 'before.example' });
    expect((await gone(site)).reason).toBe('ZoneKept');
    expect(await zoneOf(site)).toBeDefined();
  });

  test('keeps a zone whose records cannot be read for now', async () => {
    const site = await ordered();
    await world.control.addRecord(site.domain, { type: 'TXT', name: site.domain, content: 'v=spf1 -all' });
    await world.control.misbehave({ path: 'dns_records$', kind: 'refusal', status: 200, code: 1000, times: 9 });
    await world.leave(site);
    await world.settle();
    await world.control.behave();
    expect(await world.condition(site, 'zone')).toMatchObject({ reason: 'CloudflareRefused', gone: false });
    expect(await zoneOf(site)).toBeDefined();
  });

  test('removes what a create made whose answer was lost', async () => {
    const site = await world.order();
    await world.control.misbehave({ method: 'POST', path: '^/zones$', kind: 'lost-answer' });
    await world.settle();
    expect(await zoneOf(site)).toBeDefined();
    await gone(site);
    expect(await zoneOf(site)).toBeUndefined();
  });

  /** A site that leaves after a create whose answer never came and of which nothing is to be seen. */
  async function unanswered(): Promise<OrderedSite> {
    const site = await world.order();
    await world.control.misbehave({ method: 'POST', path: '^/zones$', kind: 'cut' });
    await world.settle();
    await world.leave(site);
    await world.settle();
    expect(await world.condition(site, 'zone')).toMatchObject({ gone: false, reason: 'ZoneLeaving' });
    return site;
  }

  test('removes what a create made late', async () => {
    const site = await unanswered();
    await world.control.addZone(site.domain, 'pending');
    await world.wake(site, 'zone');
    await world.settle();
    expect(await world.condition(site, 'zone')).toMatchObject({ gone: true, reason: 'ZoneRemoved' });
    expect(await zoneOf(site)).toBeUndefined();
  });

  test('ends when nothing has come of a create for long', async () => {
    const site = await unanswered();
    await world.db.pool.query(
      `update sites set zone_intent_at = zone_intent_at - interval '1 minute' where zone_intent_at is not null`,
    );
    await world.wake(site, 'zone');
    await world.settle();
    expect(await world.condition(site, 'zone')).toMatchObject({ gone: true, reason: 'ZoneUnbound' });
  });

  test('leaves a zone alone that somebody added after a create that was refused', async () => {
    const site = await world.order();
    await world.control.refuseZone(site.domain, 1049);
    await world.settle();
    await world.control.addZone(site.domain, 'pending');
    await gone(site);
    expect(await zoneOf(site)).toBeDefined();
  });

  test.each(['lost-answer', '5xx', 'cut'] as const)('ends although a delete ended in %s', async (kind) => {
    const site = await ordered();
    await world.control.misbehave({ method: 'DELETE', path: '^/zones/', kind });
    await world.leave(site);
    await world.settle();
    await world.wake(site, 'zone');
    await world.settle();
    expect(await world.condition(site, 'zone')).toMatchObject({ gone: true });
    expect(await zoneOf(site)).toBeUndefined();
  });

  test('ends when somebody else deleted the zone', async () => {
    const site = await ordered();
    await world.control.setZoneStatus(site.domain, 'deleted');
    await gone(site);
  });

  test('ends for a site whose zone was never made', async () => {
    const site = await world.order();
    await gone(site);
    expect(await zoneOf(site)).toBeUndefined();
  });
});
