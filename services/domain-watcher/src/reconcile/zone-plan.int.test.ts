import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';

let world: WatcherWorld;
let site: OrderedSite;

beforeAll(async () => {
  world = await makeWatcherWorld();
});
beforeEach(async () => {
  site = await world.order();
  await world.settle();
  await world.control.activateZone(site.domain);
  await lookAfterAnHour();
});
afterAll(() => world.close());

/** Looks anew, as after an hour in which nobody watched. */
async function lookAfterAnHour(): Promise<void> {
  await world.db.pool.query(
    `update zones set checked_at = now() - interval '2 hours' where id = (select zone_id from sites where id = $1)`,
    [site.siteId],
  );
  await world.wake(site, 'zone');
  await world.settle();
}

const one = async (sql: string) => (await world.db.pool.query(sql, [site.siteId])).rows[0];
const planOf = async (): Promise<string | null> =>
  (await one('select z.plan from zones z join sites s on s.zone_id = z.id where s.id = $1')).plan;
const wakesOf = async (): Promise<number> =>
  Number((await one(`select wakes from site_conditions where site_id = $1 and aspect = 'policy'`)).wakes);
const protect = () =>
  one(`insert into site_protections (site_id, requested_by) values ($1, 'tests') returning site_id`);

describe('the plan of a zone', () => {
  test('is known from the first look, and is another one after it was bought', async () => {
    expect(await planOf()).toBe('free');
    await world.control.setPlan(site.domain, 'pro');
    await lookAfterAnHour();
    expect(await planOf()).toBe('pro');
    await world.control.setPlan(site.domain, 'free');
    await lookAfterAnHour();
    expect(await planOf()).toBe('free');
  });

  test('wakes who keeps the protection of its sites when it becomes another one, and not else', async () => {
    await protect();
    const before = await wakesOf();
    await lookAfterAnHour();
    expect(await wakesOf()).toBe(before);
    await world.control.setPlan(site.domain, 'business');
    await lookAfterAnHour();
    expect(await wakesOf()).toBe(before + 1);
  });

  test('wakes nobody of a site of which nobody wanted a protection', async () => {
    const before = await wakesOf();
    await world.control.setPlan(site.domain, 'business');
    await lookAfterAnHour();
    expect([await planOf(), await wakesOf()]).toEqual(['business', before]);
  });

  test('stays as it is known when the zone was deleted', async () => {
    await world.control.setPlan(site.domain, 'pro');
    await lookAfterAnHour();
    await world.noteLive(site);
    await world.control.setZoneStatus(site.domain, 'deleted');
    await lookAfterAnHour();
    expect(await planOf()).toBe('pro');
  });
});
