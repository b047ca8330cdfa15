import { checkProtection } from '@berth/shared/domain/check-protection';
import { type Outcome, settled } from '@berth/shared/domain/outcome';
import { type Protection, protectionParts, unprotected } from '@berth/shared/domain/protection';
import { systemChance } from '@berth/shared/runtime/chance';
import { systemClock } from '@berth/shared/runtime/clock';
import { changeProtection, type ProtectionStanding } from '@berth/shared/store/protections';
import type { Fence } from '@berth/shared/store/protocol';
import { type Effects, makeEffects } from '@berth/shared/testing/effects';
import { stillWork } from '@berth/shared/testing/still-work';
import { type Visit, visitEdge } from '@berth/simulators/testing/visit-edge';
import { makeCloudflareAccess } from '../adapters/cloudflare-access.ts';
import { makeCloudflareAccessTokens } from '../adapters/cloudflare-access-tokens.ts';
import { makeCloudflareRules } from '../adapters/cloudflare-rules.ts';
import { makePartKeepers } from '../reconcile/part-keepers.ts';
import { makeReconcilePolicy } from '../reconcile/reconcile-policy.ts';
import { lookUntil } from './look-until.ts';
import type { Stage } from './stage.ts';
import { orderSite, requester, type StageSite } from './stage-site.ts';

/** A site whose host names lead to a page, and the reconciler of its protection over the real adapters. */
export interface PolicyStand {
  site: StageSite;
  hostnames: readonly [apex: string, www: string];
  /** Says what shall protect the site, as the api does. */
  want(wish: Partial<Protection>): Promise<void>;
  /** Takes the condition over from whoever looks. @returns what is written with until the next one does so */
  take(): Promise<Fence>;
  /** Looks once, as a process that just started does. */
  look(effects?: Effects): Promise<Outcome>;
  /** Looks until it has settled. */
  settle(): Promise<void>;
  /** What a visitor of a host name gets. */
  visit(hostname: string, visit?: Visit): Promise<number>;
  events(type: string): Promise<{ message: string; data: Record<string, unknown> }[]>;
}

/** @param given a site with routes of its own; a new one, which leads to a page somewhere, when absent */
export async function makePolicyStand(stage: Stage, given?: StageSite): Promise<PolicyStand> {
  const site = given ?? (await orderSite(stage));
  const { control } = stage.simulator;
  const hostnames = [site.domain, `www.${site.domain}`] as const;
  for (const name of given ? [] : hostnames) {
    await control.addRecord(site.domain, { type: 'A', name, content: '192.0.2.80', proxied: true });
  }
  await control.setForeignServer('192.0.2.80', { status: 200, body: 'here' });
  const { db, vault, cloudflare } = stage;
  const take = async () => {
    const { rows } = await db.pool.query<Fence>(
      `update site_conditions set lease_no = lease_no + 1 where site_id = $1 and aspect = 'policy'
        returning id as "conditionId", lease_no as "leaseNo"`,
      [site.siteId],
    );
    if (!rows[0]) throw new Error(`site ${site.key} has no condition policy`);
    return rows[0];
  };
  const look = async (effects: Effects = makeEffects()) => {
    const keepers = makePartKeepers({
      db,
      vault,
      clock: systemClock,
      accountId: cloudflare.accountId,
      rules: (kind) => effects.wrap(makeCloudflareRules(cloudflare, kind), ['begin', 'add', 'change', 'remove']),
      access: (kind) =>
        effects.wrap(makeCloudflareAccess(cloudflare, kind), [
          'createApplication',
          'changeApplication',
          'removeApplication',
          'createPolicy',
          'changePolicy',
          'removePolicy',
        ]),
      tokens: effects.wrap(makeCloudflareAccessTokens(cloudflare), ['createToken', 'rotateToken', 'refreshToken']),
    });
    const reconcile = makeReconcilePolicy({ db, chance: systemChance, keepers, checkMs: 3_600_000 });
    return reconcile(stillWork('policy', site.siteId, null, await take()));
  };
  return {
    site,
    hostnames,
    async want(wish) {
      const decide = (standing: ProtectionStanding) => {
        const place = { ...standing, plan: standing.plan ?? ('free' as const) };
        const { wanted, problems } = checkProtection({ ...unprotected, ...wish }, place);
        if (problems.length > 0) throw new Error(JSON.stringify(problems));
        return { wanted, parts: protectionParts };
      };
      await changeProtection(db, site.key, { wantsAccess: true, decide }, requester(stage));
    },
    take,
    look,
    async settle() {
      await lookUntil(async () => {
        const outcome = await look();
        // What is looked at again in an hour is as it should be.
        return outcome.kind === 'again' && outcome.status === 'true' ? settled(outcome.reason) : outcome;
      });
    },
    visit: async (hostname, visit) => (await visitEdge(stage.simulator, hostname, visit)).status,
    async events(type) {
      const { rows } = await db.pool.query(
        'select message, data from site_events where site_id = $1 and type = $2 order by seq',
        [site.siteId, type],
      );
      return rows;
    },
  };
}
