import { again, blocked, gone, type Outcome, settledFor } from '@berth/shared/domain/outcome';
import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import { tellOnce } from '@berth/shared/store/site-events';
import { bindZone, readZoneWish, recordZones, setZoneIntent, type ZoneWish } from '@berth/shared/store/zones';
import { planZone, planZoneEnd } from './plan-zone.ts';
import type { CloudflareZones } from './zone-access.ts';

interface Deps {
  db: Database;
  zones: CloudflareZones;
  accountId: string;
  mode: 'create' | 'find';
}

/** How often a zone that nothing is expected of is looked at; the sweep wakes it when something happens. */
const QUIET_MS = 1_800_000;
const FIND_AGAIN_MS = 60_000;

/** Aspect `zone`: the domain's zone is in the account, active, and may be used for this order. */
export function makeReconcileZone(deps: Deps): Reconciler {
  return async function reconcileZone(work) {
    const wish = await readZoneWish(deps.db, work.siteId);
    return wish.wanted === 'deleted' ? leave(deps, work, wish) : arrive(deps, work, wish);
  };
}

async function arrive(deps: Deps, work: Work, wish: ZoneWish): Promise<Outcome> {
  const step = planZone(wish, deps.mode);
  const { domain, zone } = wish;
  switch (step.kind) {
    case 'find':
      return findOrCreate(deps, work, wish);
    case 'look':
      await observe(deps, work, zone?.cfZoneId ?? '');
      return again(0, 'ZoneLookedAt');
    case 'active':
      return settledFor(QUIET_MS, 'ZoneActive', `${domain} is active at Cloudflare`);
    case 'wait-for-name-servers':
      return again(QUIET_MS, 'NameserversNotChanged', askForNameServers(domain, zone?.nameServers ?? []));
    case 'wait-for-confirmation':
      return blocked(
        'ZoneAlreadyActive',
        `${domain} was active at Cloudflare before this order: an operator must confirm that it belongs to the customer`,
      );
    case 'moved':
      return again(
        QUIET_MS,
        'ZoneMoved',
        `${domain} has left Cloudflare: ${askForNameServers(domain, zone?.nameServers ?? [])}`,
      );
    case 'deleted-by-others':
      return blocked(
        'ZoneDeleted',
        `the zone of ${domain} was deleted at Cloudflare; a new one has other name servers, so a person must decide`,
      );
  }
}

function askForNameServers(domain: string, nameServers: readonly string[]): string {
  return `at the registrar of ${domain}, set the name servers to ${nameServers.join(' and ')}`;
}

async function findOrCreate(deps: Deps, work: Work, wish: ZoneWish): Promise<Outcome> {
  const { db, zones, accountId, mode } = deps;
  const found = await zones.find(wish.domain, work.lease.signal);
  if (found) {
    await bindZone(db, { siteId: work.siteId, accountId, zone: found, madeByUs: wish.intended });
    return again(0, 'ZoneFound');
  }
  if (mode === 'find') {
    return again(
      FIND_AGAIN_MS,
      'ZoneNotInAccount',
      `add ${wish.domain} to the Cloudflare account; Berth goes on by itself`,
    );
  }
  await setZoneIntent(db, work.siteId, true);
  await work.lease.assert();
  try {
    const zone = await zones.create(wish.domain, work.lease.signal);
    await bindZone(db, { siteId: work.siteId, accountId, zone, madeByUs: true });
    return again(0, 'ZoneCreated');
  } catch (error) {
    if (!isBerthError(error, 'zone.elsewhere')) throw error;
    return takeUpOrGiveUp(deps, work, wish, error);
  }
}

/** "Already exists" doesn't say where: in this account it was made by somebody else in this moment. */
async function takeUpOrGiveUp(deps: Deps, work: Work, wish: ZoneWish, refusal: BerthError): Promise<Outcome> {
  await setZoneIntent(deps.db, work.siteId, false);
  const found = await deps.zones.find(wish.domain, work.lease.signal);
  if (!found) {
    throw new BerthError('zone.elsewhere', `${wish.domain} is held in another Cloudflare account; remove it there`, {
      cause: refusal,
      retryAfterMs: refusal.retryAfterMs ?? 0,
    });
  }
  await bindZone(deps.db, { siteId: work.siteId, accountId: deps.accountId, zone: found, madeByUs: false });
  return again(0, 'ZoneFound');
}

async function observe({ db, zones, accountId }: Deps, work: Work, cfZoneId: string): Promise<void> {
  const seen = await zones.get(cfZoneId, work.lease.signal);
  await recordZones(db, accountId, [seen ?? { cfZoneId, status: 'deleted', nameServers: [] }]);
}

async function leave(deps: Deps, work: Work, wish: ZoneWish): Promise<Outcome> {
  const { db, zones, accountId } = deps;
  const end = planZoneEnd(wish);
  switch (end.kind) {
    case 'nothing':
      return gone('ZoneUnbound');
    case 'find': {
      const found = await zones.find(wish.domain, work.lease.signal);
      if (!found) return gone('ZoneUnbound');
      await bindZone(db, { siteId: work.siteId, accountId, zone: found, madeByUs: true });
      return again(0, 'ZoneFound');
    }
    case 'keep':
      await keep(deps, work, wish, end.why);
      return gone('ZoneKept', `the zone of ${wish.domain} stays: ${end.why}`);
    case 'remove-if-empty':
      return removeIfEmpty(deps, work, wish, end.cfZoneId);
  }
}

async function removeIfEmpty(deps: Deps, work: Work, wish: ZoneWish, cfZoneId: string): Promise<Outcome> {
  const { db, zones, accountId } = deps;
  const seen = await zones.get(cfZoneId, work.lease.signal);
  if (!seen) {
    await recordZones(db, accountId, [{ cfZoneId, status: 'deleted', nameServers: [] }]);
    return gone('ZoneRemoved');
  }
  if (seen.status === 'active' || (await zones.hasRecords(cfZoneId, work.lease.signal))) {
    const why = seen.status === 'active' ? 'it is active' : 'it holds records that Berth did not make';
    await keep(deps, work, wish, why);
    return gone('ZoneKept', `the zone of ${wish.domain} stays: ${why}`);
  }
  await work.lease.assert();
  await zones.remove(cfZoneId, work.lease.signal);
  return again(0, 'ZoneLeaving');
}

async function keep({ db }: Deps, work: Work, wish: ZoneWish, why: string): Promise<void> {
  await tellOnce(db, work.siteId, {
    type: 'zone.kept',
    aspect: 'zone',
    reason: 'ZoneKept',
    message: `the zone of ${wish.domain} stays at Cloudflare: ${why}`,
    causeId: work.causeId,
  });
}
