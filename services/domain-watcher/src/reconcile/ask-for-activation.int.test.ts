import { beginDomainCheck, endDomainCheck } from '@berth/shared/store/domain-checks';
import { findSite } from '@berth/shared/store/read-sites';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OrderedSite } from '../testing/ordering.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';

const OTHERS = ['ns1.registrar.example', 'ns2.registrar.example'];

describe('askForActivation', () => {
  let world: WatcherWorld;
  beforeAll(async () => {
    world = await makeWatcherWorld({ profile: 'ordinary' });
  });
  afterEach(() => world.control.behave());
  afterAll(() => world.close());

  /** Orders a site, and gets as far as its name servers being told. */
  async function waiting(): Promise<{ site: OrderedSite; expected: string[] }> {
    const site = await world.order();
    await world.settle();
    return { site, expected: (await findSite(world.db, site.key))?.nameServers ?? [] };
  }
  /** As "check now" does when the parent says so. */
  async function check({ key, siteId }: OrderedSite, nameServers: string[]): Promise<void> {
    await beginDomainCheck(world.db, key, 0);
    const finding = { parent: 'example', registered: true, nameServers, ds: [] };
    await endDomainCheck(world.db, siteId, finding, '00000000-0000-4000-8000-000000000000');
    await world.settle();
  }
  const asked = async () =>
    (await world.control.calls()).filter(({ path }) => path.endsWith('/activation_check')).length;

  test('asks once an hour, as soon as a check has seen the name servers set', async () => {
    const { site, expected } = await waiting();
    const before = await asked();
    await check(site, OTHERS);
    expect(await asked()).toBe(before);
    await check(site, expected);
    expect(await asked()).toBe(before + 1);
    await check(site, expected);
    expect(await asked()).toBe(before + 1);
    await world.db.pool.query(`update zones set activation_asked_at = now() - interval '2 hours' where name = $1`, [
      site.domain,
    ]);
    await check(site, expected);
    expect(await asked()).toBe(before + 2);
    expect(await world.condition(site, 'zone')).toMatchObject({ reason: 'NameserversNotChanged', tries: 0 });
  });

  test('goes on as before when Cloudflare refuses, or does not answer', async () => {
    const faults = [{ kind: 'refusal', status: 400, code: 1224 }, { kind: '5xx' }, { kind: 'lost-answer' }] as const;
    for (const fault of faults) {
      const { site, expected } = await waiting();
      await world.control.misbehave({ path: '/activation_check$', ...fault });
      await check(site, expected);
      expect(await world.condition(site, 'zone')).toMatchObject({ reason: 'NameserversNotChanged', tries: 0 });
      await world.control.behave();
    }
  });

  test('does not ask by a check that nobody made lately', async () => {
    const { site, expected } = await waiting();
    const before = await asked();
    await beginDomainCheck(world.db, site.key, 0);
    const finding = { parent: 'example', registered: true, nameServers: expected, ds: [] };
    await endDomainCheck(world.db, site.siteId, finding, '00000000-0000-4000-8000-000000000000');
    await world.db.pool.query(`update domain_checks set checked_at = now() - interval '1 hour' where site_id = $1`, [
      site.siteId,
    ]);
    await world.settle();
    expect(await asked()).toBe(before);
  });
});
