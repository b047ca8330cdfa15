import { again, gone, type Outcome, settled, settledFor } from '@berth/shared/domain/outcome';
import {
  inOrderOfChange,
  type Protection,
  type ProtectionPart,
  protectionParts,
  unprotected,
  wantsPart,
} from '@berth/shared/domain/protection';
import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import {
  closeProtection,
  type PolicyWish,
  readPolicyWish,
  recordProtection,
  tellRepairedProtection,
  touchProtection,
} from '@berth/shared/store/policy-wishes';
import { type PathGuard, tellGuardsElsewhere } from './guards-elsewhere.ts';

/** What one part of a protection is kept with. */
export interface PartWork {
  wish: PolicyWish & { cfZoneId: string };
  /** the whole, of which the keeper takes its part */
  target: Protection;
  lease: Work['lease'];
  /** nothing is to be changed, as far as is known: the call may wait for others */
  watching: boolean;
  /** what stands, whatever it is, is left as it is for now */
  onlyMissing: boolean;
  /** is told what stands there before it is changed */
  onDifference(before: unknown): Promise<void>;
  /** is told what others guard of the site in place of Berth */
  onElsewhere(guards: readonly PathGuard[]): void;
}

/** Sees that a part is as wanted. @returns whether something was done */
export type KeepPart = (work: PartWork) => Promise<boolean>;

export type PartKeepers = Readonly<Record<ProtectionPart, KeepPart>>;

interface Deps {
  db: Database;
  chance: Chance;
  keepers: PartKeepers;
  /** how often what is in force is looked at */
  checkMs: number;
}

/** Aspect `policy`: what protects the site stands at the edge, and nothing else of ours. */
export function makeReconcilePolicy(deps: Deps): Reconciler {
  return async function reconcilePolicy(work) {
    const wish = await readPolicyWish(deps.db, work.siteId);
    const isLeaving = wish.wanted === 'deleted';
    const { protection, cfZoneId } = wish;
    const isOpen = !protection || (isLeaving && protection.touched.length === 0);
    if (isOpen) return isLeaving ? gone('NoPolicies') : settled('NoPolicies');
    if (!cfZoneId) return again(1000, 'ZoneUnknown', 'the zone is not known yet');
    const known = { ...wish, cfZoneId, protection };
    return isLeaving ? leave(deps, work, known) : arrive(deps, work, known);
  };
}

type Known = PartWork['wish'] & { protection: NonNullable<PolicyWish['protection']> };

async function arrive(deps: Deps, work: Work, wish: Known): Promise<Outcome> {
  const { version, wanted, touched, inForceVersion } = wish.protection;
  const watching = version === inForceVersion;
  try {
    const wants = protectionParts.filter((part) => wantsPart(wanted, part));
    await touchProtection(
      deps.db,
      work.siteId,
      work.lease.fence,
      wants.filter((part) => !touched.includes(part)),
    );
    let elsewhere: readonly PathGuard[] = [];
    const onElsewhere = (guards: readonly PathGuard[]) => {
      elsewhere = guards;
    };
    await keepAll(deps, work, wish, { target: wanted, watching, onElsewhere });
    const seen = { version, inForce: wanted, touched: wants, elsewhere: elsewhere.map(({ path }) => path) };
    await recordProtection(deps.db, work.siteId, work.lease.fence, seen);
    if (wants.length === 0) return settled('NoPolicies');
    const spread = 0.9 + 0.2 * deps.chance.random();
    const nextMs = deps.checkMs * spread;
    if (elsewhere.length > 0) return settledFor(nextMs, 'PathGuardedElsewhere', tellGuardsElsewhere(elsewhere));
    return settledFor(nextMs, 'ProtectionInForce', wants.join(', '));
  } catch (error) {
    // Who only watches gives way: what stands was in force when it was last seen.
    if (!watching || !isBerthError(error, 'cloudflare.rate-limited')) throw error;
    const nextMs = Math.max(error.retryAfterMs ?? 0, deps.checkMs / 10);
    if (wish.said?.reason === 'PathGuardedElsewhere') return settledFor(nextMs, wish.said.reason, wish.said.message);
    return settledFor(nextMs, 'ProtectionInForce', 'not looked at just now');
  }
}

/** What was taken away is looked for once more before it counts as gone. */
async function leave(deps: Deps, work: Work, wish: Known): Promise<Outcome> {
  const did = await keepAll(deps, work, wish, { target: unprotected, watching: false, onElsewhere: () => undefined });
  if (did) return again(0, 'PoliciesLeaving');
  await closeProtection(deps.db, work.siteId, work.lease.fence);
  return gone('NoPolicies');
}

/** What is new comes before what goes: whatever fails, the site isn't more open than before or than is wanted. */
async function keepAll(
  { db, keepers }: Deps,
  work: Work,
  wish: Known,
  { target, watching, onElsewhere }: Pick<PartWork, 'target' | 'watching' | 'onElsewhere'>,
): Promise<boolean> {
  const { inForce, touched, version, inForceVersion } = wish.protection;
  const parts = inOrderOfChange(inForce, target).filter((part) => wantsPart(target, part) || touched.includes(part));
  const keep = (part: ProtectionPart, onlyMissing: boolean) => {
    const onDifference = async (before: unknown) => {
      if (!watching || !wantsPart(target, part)) return;
      const told = { siteKey: wish.siteKey, part, before, after: target[part], causeId: work.causeId };
      await tellRepairedProtection(db, work.siteId, work.lease.fence, told);
    };
    return keepers[part]({ wish, target, lease: work.lease, watching, onlyMissing, onDifference, onElsewhere });
  };
  let did = false;
  const wanted = parts.filter((part) => wantsPart(target, part));
  // What was wanted in between and never seen in force may have taken away what is thought to stand.
  const mayMiss = version > inForceVersion + 1 && wanted.length > 1;
  for (const part of mayMiss ? wanted : []) did = (await keep(part, true)) || did;
  let refusal: unknown;
  for (const part of parts) {
    try {
      did = (await keep(part, false)) || did;
    } catch (error) {
      // What is only set right hangs on nothing else, and must not stay open because another part can't be had any more.
      if (!watching || !isBerthError(error, ...REFUSALS)) throw error;
      refusal ??= error;
    }
  }
  if (refusal) throw refusal;
  return did;
}

/** After which another part may well be had. */
const REFUSALS = ['access.stranger', 'access.quota-reached', 'rules.full', 'cloudflare.refused'] as const;
