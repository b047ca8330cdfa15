import { isSameRecord } from '@berth/shared/domain/domain-record';
import { again, blocked, gone, type Outcome, settledFor } from '@berth/shared/domain/outcome';
import { isBerthError } from '@berth/shared/errors/berth-error';
import type { ErrorCode } from '@berth/shared/errors/catalogue';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import { tellOnce } from '@berth/shared/store/site-events';
import { readTakenRecords } from '@berth/shared/store/zone-takeovers';
import {
  absentZone,
  bindZone,
  type KnownZone,
  readZoneWish,
  recordZones,
  setZoneIntent,
  type ZoneWish,
} from '@berth/shared/store/zones';
import { askForActivation } from './ask-for-activation.ts';
import { isMadeFor, mayBeThere, mayComeLate, needsLook, planZone, planZoneEnd } from './plan-zone.ts';
import { type TakeoverDeps, takeOverZone } from './take-over-zone.ts';
import type { CloudflareZones } from './zone-access.ts';

interface Deps extends TakeoverDeps {
  zones: CloudflareZones;
  accountId: string;
  mode: 'create' | 'find';
}

/** How often a zone that nothing is expected of is looked at; the sweep wakes it when something happens. */
const QUIET_MS = 1_800_000;
/** A site is down for as long as its zone is moved, and the sweep doesn't list it. */
const MOVED_MS = 300_000;
/** Until then it has been looked at, if the site still fails from outside. */
const FAILING_MS = 60_000;
const FIND_AGAIN_MS = 60_000;
const LATE_MS = 5000;

/** Failures of a create after which certainly nothing was made. */
const CLEAR_NO = [
  'zone.elsewhere',
  'account.full',
  'zone.create-forbidden',
  'domain.not-registered',
  'domain.refused',
  'cloudflare.refused',
  'cloudflare.unauthorized',
  'cloudflare.rate-limited',
] as const satisfies readonly ErrorCode[];

/** Refusals after which a look by name would be refused as well. */
const NO_TO_ALL = ['cloudflare.unauthorized', 'cloudflare.rate-limited'] as const satisfies readonly ErrorCode[];

/** Aspect `zone`: the domain's zone is in the account, active, and may be used for this order. */
export function makeReconcileZone(deps: Deps): Reconciler {
  return async function reconcileZone(work) {
    const wish = await readZoneWish(deps.db, work.siteId);
    return wish.wanted === 'deleted' ? leave(deps, work, wish) : arrive(deps, work, wish);
  };
}

async function arrive(deps: Deps, work: Work, known: ZoneWish): Promise<Outcome> {
  const wish = needsLook(known.zone) ? await lookAgain(deps, work, known.zone) : known;
  const step = planZone(wish, deps.mode);
  const { domain, zone } = wish;
  switch (step.kind) {
    case 'find':
      return findOrCreate(deps, work, wish);
    case 'active':
      return settledFor(zone?.failsOutside ? FAILING_MS : QUIET_MS, 'ZoneActive', `${domain} is active at Cloudflare`);
    case 'wait-for-name-servers':
      return (step.prepare && (await takeOverZone(deps, work, step.prepare))) || awaitNameServers(deps, work, zone);
    case 'wait-for-confirmation':
      return blocked(
        'ZoneAlreadyActive',
        `${domain} was active at Cloudflare before this order: an operator must confirm that it belongs to the customer`,
      );
    case 'moved':
      return again(
        MOVED_MS,
        'ZoneMoved',
        `${domain} has left Cloudflare: ${askForNameServers(domain, zone?.nameServers ?? [])}`,
      );
    case 'deleted-by-others':
      return findReplacement(deps, work, wish);
  }
}

/** The domain was in use: whether it comes back to Cloudflare, with other name servers, isn't ours to decide. */
async function findReplacement(deps: Deps, work: Work, { domain }: ZoneWish): Promise<Outcome> {
  const found = await deps.zones.find(domain, work.lease.signal);
  if (!found) {
    const message = `the zone of ${domain} is not in the Cloudflare account any more: somebody deleted it there, or moved it to another account; add it again, and Berth goes on with its new name servers`;
    return again(QUIET_MS, 'ZoneDeleted', message);
  }
  await bindZone(deps.db, { siteId: work.siteId, accountId: deps.accountId, zone: found, madeByUs: false });
  return again(0, 'ZoneFound');
}

async function awaitNameServers(deps: Deps, work: Work, zone: KnownZone | null): Promise<Outcome> {
  if (zone) await askForActivation(deps, work, zone);
  return again(QUIET_MS, 'NameserversNotChanged', await askToSwitch(deps, work));
}

/** Read anew: what is known of the domain's mail may just have been found out. */
async function askToSwitch({ db }: Deps, { siteId }: Work): Promise<string> {
  const { domain, zone } = await readZoneWish(db, siteId);
  const asked = askForNameServers(domain, zone?.nameServers ?? []);
  if (zone?.mail !== 'unknown') return asked;
  return `${asked}; if the domain has e-mail, see first that its records are at Cloudflare: none were found at its present provider`;
}

function askForNameServers(domain: string, nameServers: readonly string[]): string {
  return `at the registrar of ${domain}, set the name servers to ${nameServers.join(' and ')}`;
}

async function findOrCreate(deps: Deps, work: Work, wish: ZoneWish): Promise<Outcome> {
  const found = (deps.mode === 'find' || mayBeThere(wish)) && (await find(deps, work, wish));
  if (found) return found;
  if (deps.mode === 'find') {
    return again(
      FIND_AGAIN_MS,
      'ZoneNotInAccount',
      `add ${wish.domain} to the Cloudflare account; Berth goes on by itself`,
    );
  }
  return create(deps, work, wish);
}

async function find({ db, zones, accountId }: Deps, work: Work, wish: ZoneWish): Promise<Outcome | undefined> {
  const zone = await zones.find(wish.domain, work.lease.signal);
  if (!zone) return undefined;
  await bindZone(db, { siteId: work.siteId, accountId, zone, madeByUs: isMadeFor(wish, zone) });
  return again(0, 'ZoneFound');
}

async function create(deps: Deps, work: Work, wish: ZoneWish): Promise<Outcome> {
  const { db, zones, accountId } = deps;
  await setZoneIntent(db, work.siteId, true);
  await work.lease.assert();
  try {
    const zone = await zones.create(wish.domain, work.lease.signal);
    await bindZone(db, { siteId: work.siteId, accountId, zone, madeByUs: true });
    return again(0, 'ZoneCreated');
  } catch (error) {
    if (!isBerthError(error, ...CLEAR_NO)) throw error;
    // A clear no made nothing: a zone that somebody else adds later must not be taken for ours.
    await setZoneIntent(db, work.siteId, false);
    if (isBerthError(error, ...NO_TO_ALL)) throw error;
    // "Already exists" doesn't say where, and other refusals may come before it: here it may have been made by anybody.
    const found = await find(deps, work, wish);
    if (!found) throw error;
    return found;
  }
}

/** Asks Cloudflare and writes down what it says, within the same look: a zone that is as wanted must not blink. */
async function lookAgain({ db, zones, accountId }: Deps, work: Work, zone: KnownZone): Promise<ZoneWish> {
  const seen = await zones.get(zone, work.lease.signal);
  await recordZones(db, accountId, [seen ?? absentZone(zone.cfZoneId)]);
  return readZoneWish(db, work.siteId);
}

async function leave(deps: Deps, work: Work, wish: ZoneWish): Promise<Outcome> {
  const { db, zones, accountId } = deps;
  const end = planZoneEnd(wish);
  switch (end.kind) {
    case 'nothing':
      return gone(wish.zone ? 'ZoneRemoved' : 'ZoneUnbound');
    case 'find': {
      const found = await zones.find(wish.domain, work.lease.signal);
      if (!found && mayComeLate(wish)) {
        return again(LATE_MS, 'ZoneLeaving', `whether a zone of ${wish.domain} was made is not known yet`);
      }
      if (!found) return gone('ZoneUnbound');
      await bindZone(db, { siteId: work.siteId, accountId, zone: found, madeByUs: isMadeFor(wish, found) });
      return again(0, 'ZoneFound');
    }
    case 'keep':
      await keep(deps, work, wish, end.why);
      return gone('ZoneKept', `the zone of ${wish.domain} stays: ${end.why}`);
    case 'remove-if-empty':
      return removeIfEmpty(deps, work, wish, end.zone);
  }
}

async function removeIfEmpty(deps: Deps, work: Work, wish: ZoneWish, zone: KnownZone): Promise<Outcome> {
  const { db, zones, accountId } = deps;
  const { cfZoneId } = zone;
  const seen = await zones.get(zone, work.lease.signal);
  if (!seen) {
    await recordZones(db, accountId, [absentZone(cfZoneId)]);
    return gone('ZoneRemoved');
  }
  if (seen.everActive || (await holdsOthers(deps, work, zone))) {
    const why = seen.everActive ? 'it has been active' : 'it holds records that Berth did not make';
    await keep(deps, work, wish, why);
    return gone('ZoneKept', `the zone of ${wish.domain} stays: ${why}`);
  }
  await work.lease.assert();
  await zones.remove(cfZoneId, work.lease.signal);
  return again(0, 'ZoneLeaving');
}

/** Copies of what the former name servers know go with the zone: they still stand there. */
async function holdsOthers({ db, records }: Deps, work: Work, { id, cfZoneId }: KnownZone): Promise<boolean> {
  const taken = await readTakenRecords(db, id);
  const there = await records.list(cfZoneId, work.lease.signal);
  return there.some((record) => !taken.some((one) => isSameRecord(one, record)));
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
