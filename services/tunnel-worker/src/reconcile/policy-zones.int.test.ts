import type { Protection } from '@berth/shared/domain/protection';
import { bindZone } from '@berth/shared/store/zones';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { lookUntil } from '../testing/look-until.ts';
import { makePolicyStand } from '../testing/policy-stand.ts';
import { makeReachableStand, type ReachableStand } from '../testing/reachable-stand.ts';
import { openStage, type Stage, type StageHost } from '../testing/stage.ts';
import { type StageSite, wantGone } from '../testing/stage-site.ts';

const access = { emails: ['anna@example.org'], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24 };
const everything: Partial<Protection> = {
  access,
  ip: { allow: [], block: ['203.0.113.0/24'], blockCountries: [] },
  rateLimit: { requests: 100, periodSeconds: 10, timeoutSeconds: 10, path: '/', action: 'block' },
  underAttack: true,
};

let stage: Stage;
let host: StageHost;
const open: ReachableStand[] = [];
beforeAll(async () => {
  stage = await openStage();
  host = await stage.addHost();
});
afterEach(() => Promise.all(open.splice(0).map((stand) => stand.stopContainer())));
afterAll(() => stage.close());

/** A site that is protected and has its routes. */
async function newStands(wish: Partial<Protection>) {
  const stand = await makeReachableStand(stage, host);
  open.push(stand);
  const policy = await makePolicyStand(stage, stand.site);
  await policy.want(wish);
  await policy.settle();
  await lookUntil(stand.connector.look);
  await lookUntil(stand.route.look);
  return { ...stand, policy };
}

/** Somebody deletes the zone at Cloudflare. */
const deleteZone = ({ domain }: StageSite) => stage.simulator.control.setZoneStatus(domain, 'deleted');

/** The domain comes back to the account as another zone, which the site is given. */
async function addAgain(site: StageSite): Promise<void> {
  const { id, nameServers } = await stage.simulator.control.addZone(site.domain, 'active');
  const zone = {
    cfZoneId: id,
    name: site.domain,
    status: 'active' as const,
    nameServers,
    originalNameServers: [],
    everActive: true,
    createdAt: new Date(),
  };
  await bindZone(stage.db, { siteId: site.siteId, accountId: stage.simulator.accountId, zone, madeByUs: false });
}

describe('the protection of a site whose zone is another one now', () => {
  test.each(Object.keys(everything) as (keyof Protection)[])('is there before its routes are: %s', async (part) => {
    const { site, route, policy } = await newStands({ [part]: everything[part] });
    await deleteZone(site);
    const due = `select from site_conditions where site_id = $1 and aspect = 'policy' and due_at <= now()`;
    await stage.db.pool.query(`update site_conditions set due_at = null where site_id = $1`, [site.siteId]);
    await addAgain(site);
    expect((await stage.db.pool.query(due, [site.siteId])).rowCount, 'who keeps it is woken').toBe(1);
    expect(await route.look()).toMatchObject({ kind: 'again', status: 'false', reason: 'ProtectionPending' });
    expect(await route.records()).toEqual([]);
    await policy.settle();
    await lookUntil(route.look);
    if (part === 'access') expect(await policy.visit(site.domain)).toBe(302);
    if (part === 'ip') expect(await policy.visit(site.domain, { visitor: '203.0.113.9 DE' })).toBe(403);
    if (part === 'underAttack') expect(await policy.visit(site.domain)).toBe(403);
    expect(await policy.events('protection.repaired')).toEqual([]);
  });
});

describe('the protection of a site that stays while its zone goes', () => {
  test.each(['ip', 'rateLimit', 'underAttack'] as const)('says so in words, and what to do: %s', async (part) => {
    const { site, policy } = await newStands({ [part]: everything[part] });
    await deleteZone(site);
    const inWords = {
      code: 'zone.left',
      message: expect.stringMatching(
        new RegExp(`^the zone of ${site.domain} is not in the Cloudflare account any more: .* delete the site`),
      ),
    };
    await expect(policy.look()).rejects.toMatchObject(inWords);
    await stage.db.pool.query(`update zones set status = 'deleted' where cf_zone_id = $1`, [site.cfZoneId]);
    await stage.simulator.control.clearCalls();
    await expect(policy.look()).rejects.toMatchObject(inWords);
    expect(await stage.simulator.control.calls(), 'of what is known nobody is asked').toEqual([]);
    await addAgain(site);
    await policy.settle();
  });

  test('is not said where the token is refused', async () => {
    const { policy } = await newStands({ ip: everything.ip ?? null });
    await stage.simulator.control.misbehave({ method: 'GET', kind: 'refusal', status: 403, code: 9109, times: 100 });
    await expect(policy.look()).rejects.toMatchObject({ code: 'cloudflare.unauthorized' });
    await stage.simulator.control.behave();
  });
});

describe('the protection of a site that leaves', () => {
  test('is gone with a zone that somebody deleted, whether or not that was seen', async () => {
    const { site, policy } = await newStands(everything);
    await deleteZone(site);
    await wantGone(stage, site);
    await expect.poll(async () => (await policy.look()).kind, { timeout: 60_000 }).toBe('gone');
  });
});
