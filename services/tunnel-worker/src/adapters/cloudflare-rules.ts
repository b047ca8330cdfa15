import type { CallKind } from '@berth/cloudflare/call-budget';
import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { isRefusal, refusalOf } from '@berth/cloudflare/to-berth-error';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { ObservedLimit, ObservedRule, RuleAccess, WantedRule } from '../reconcile/rule-access.ts';

/** "could not find entrypoint ruleset", "could not find ruleset". */
const NO_RULESET = 10_003;

/** "exceeded the maximum number of rules in the phase". */
const NO_ROOM = [20_217, 50_001];

/** Rules of zones, over Cloudflare's API. @param kind of the calls that only look */
export function makeCloudflareRules(cloudflare: Cloudflare, kind: CallKind = 'foreground'): RuleAccess {
  return {
    async hasZone(cfZoneId, name, signal) {
      const page = await cloudflare.call({ doing: `looking for the zone ${name}`, signal, kind }, (sdk, options) =>
        sdk.zones.list({ account: { id: cloudflare.accountId }, name }, options),
      );
      return page.result.some(({ id }) => id === cfZoneId);
    },
    async read(cfZoneId, phase, signal) {
      try {
        const { id, rules } = await cloudflare.call(
          { doing: `reading the rules of zone ${cfZoneId}`, signal, kind },
          (sdk, options) => sdk.rulesets.phases.get(phase, { zone_id: cfZoneId }, options),
        );
        return { id, rules: (rules ?? []).map(toObserved) };
      } catch (error) {
        if (isRefusal(error, NO_RULESET)) return undefined;
        throw error;
      }
    },
    async begin(cfZoneId, phase, rule, signal) {
      await cloudflare.call({ doing: `making the first rule of zone ${cfZoneId}`, signal }, (sdk, options) =>
        sdk.rulesets.create({ zone_id: cfZoneId, kind: 'zone', name: 'default', phase, rules: [rule] }, options),
      );
    },
    async add({ cfZoneId, rulesetId }, rule, signal) {
      try {
        await cloudflare.call({ doing: `making a rule of zone ${cfZoneId}`, signal }, (sdk, options) =>
          sdk.rulesets.rules.create(rulesetId, { zone_id: cfZoneId, ...rule }, options),
        );
      } catch (cause) {
        if (!isRefusal(cause, ...NO_ROOM)) throw cause;
        const message = 'the plan of the zone has no room for another rule: take one away, or buy a larger plan';
        throw new BerthError('rules.full', message, { cause, retryAfterMs: 60_000 });
      }
    },
    async change({ cfZoneId, rulesetId }, ruleId, rule, signal) {
      await cloudflare.call({ doing: `changing rule ${ruleId}`, signal }, (sdk, options) =>
        sdk.rulesets.rules.edit(ruleId, { ruleset_id: rulesetId, zone_id: cfZoneId, ...rule }, options),
      );
    },
    async remove({ cfZoneId, rulesetId }, ruleId, signal) {
      try {
        await cloudflare.call({ doing: `deleting rule ${ruleId}`, signal }, (sdk, options) =>
          sdk.rulesets.rules.delete(ruleId, { ruleset_id: rulesetId, zone_id: cfZoneId }, options),
        );
      } catch (error) {
        if (refusalOf(error)?.status !== 404) throw error;
      }
    },
  };
}

/** The description has these fields of a rule as they may be missing. */
function toObserved(rule: Partial<Record<keyof WantedRule | 'id', unknown>>): ObservedRule {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    id: text(rule.id),
    ref: text(rule.ref),
    action: text(rule.action),
    expression: text(rule.expression),
    description: text(rule.description),
    enabled: rule.enabled === true,
    ...(rule.action_parameters !== undefined && { action_parameters: rule.action_parameters }),
    ...(rule.ratelimit !== undefined && { ratelimit: rule.ratelimit as ObservedLimit }),
  };
}
