import { isDeepStrictEqual } from 'node:util';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { ObservedRule, RuleAccess, RuleLimit, RulePhase, WantedRule } from './rule-access.ts';

export interface KeptRule {
  cfZoneId: string;
  phase: RulePhase;
  ref: string;
  /** undefined: there shall be none */
  wanted: WantedRule | undefined;
  /** what we may have made of the same wish under another plan: that it stands there is nobody's doing */
  otherwise?: WantedRule | undefined;
  /** one that stands, whatever it is, is left as it is */
  onlyMissing?: boolean;
  /** is told what stands there (undefined: nothing) before it is changed */
  onDifference?: (stands: ObservedRule | undefined) => Promise<void>;
}

/** What was done, and what stood there before when it wasn't what is wanted. */
export type KeepResult = { did: 'nothing' } | { did: 'made' } | { did: 'changed' | 'removed'; before: ObservedRule };

/**
 * Sees that a rule of ours is as wanted, with at most two calls, and leaves all others alone: somebody may edit them in this moment. What was
 * made twice, after an answer that was lost, can't be: a `ref` is one rule's in its ruleset.
 */
export async function keepRule(
  rules: RuleAccess,
  { cfZoneId, phase, ref, wanted, otherwise, onlyMissing, onDifference }: KeptRule,
  lease: Pick<Work['lease'], 'assert' | 'signal'>,
): Promise<KeepResult> {
  const { signal } = lease;
  const ruleset = await rules.read(cfZoneId, phase, signal);
  const stands = ruleset?.rules.find((rule) => rule.ref === ref);
  if (stands && onlyMissing) return { did: 'nothing' };
  if (wanted ? stands && isSame(stands, wanted) : !stands) return { did: 'nothing' };
  if (!(stands && otherwise && isSame(stands, otherwise))) await onDifference?.(stands);
  await lease.assert();
  if (!ruleset || !stands) {
    if (!wanted) return { did: 'nothing' };
    if (ruleset) await rules.add({ cfZoneId, rulesetId: ruleset.id }, wanted, signal);
    else await rules.begin(cfZoneId, phase, wanted, signal);
    return { did: 'made' };
  }
  const place = { cfZoneId, rulesetId: ruleset.id };
  if (wanted) await rules.change(place, stands.id, wanted, signal);
  else await rules.remove(place, stands.id, signal);
  return { did: wanted ? 'changed' : 'removed', before: stands };
}

function isSame(stands: ObservedRule, wanted: WantedRule): boolean {
  const { action, action_parameters: parameters, expression, description, enabled } = wanted;
  return (
    stands.action === action &&
    stands.expression === expression &&
    stands.description === description &&
    stands.enabled === enabled &&
    (!parameters || isDeepStrictEqual(stands.action_parameters, parameters)) &&
    textOf(stands.ratelimit) === textOf(wanted.ratelimit) &&
    countsThatAlone(stands)
  );
}

/** What else a limit counts by makes it count less. By the rule's own expression it counts without being told to. */
function countsThatAlone({ expression, ratelimit }: ObservedRule): boolean {
  const { counting_expression: counted, requests_to_origin: toOrigin, score_per_period: score } = ratelimit ?? {};
  return (!counted || counted === expression) && !toOrigin && !score;
}

function textOf(limit: RuleLimit | undefined): string {
  if (!limit) return '';
  const { characteristics, period, requests_per_period: requests, mitigation_timeout: timeout } = limit;
  return JSON.stringify([[...characteristics].sort(), period, requests, timeout]);
}
