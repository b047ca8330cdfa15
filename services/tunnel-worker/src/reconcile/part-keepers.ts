import { checkProtection } from '@berth/shared/domain/check-protection';
import { type AccessWanted, type IpWanted, unprotected } from '@berth/shared/domain/protection';
import { parseVisitorNetwork } from '@berth/shared/domain/visitor-network';
import {
  attackRuleRef,
  ipRuleRef,
  planAttackRule,
  planIpRule,
  planRateRule,
  rateRuleRef,
} from '@berth/shared/domain/visitor-rules';
import { planLimits } from '@berth/shared/domain/zone-plan';
import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import type { AccessApi, AccessRule, TokenApi } from './access-api.ts';
import { type AccessWish, keepAccess } from './keep-access.ts';
import { keepProofPolicy } from './keep-proof-policy.ts';
import { keepRule } from './keep-rule.ts';
import type { KeepPart, PartKeepers, PartWork } from './reconcile-policy.ts';
import type { RuleAccess, RulePhase, WantedRule } from './rule-access.ts';
import { zoneLeft } from './zone-left.ts';

/** Whether somebody waits for a call, or it only keeps watch. */
type CallKind = 'foreground' | 'background';

export interface PartDeps {
  db: Database;
  vault: Vault;
  clock: Pick<Clock, 'date'>;
  accountId: string;
  rules(kind: CallKind): RuleAccess;
  access(kind: CallKind): AccessApi;
  tokens: TokenApi;
}

type PlanRule = (work: PartWork, limitsByHost: boolean) => WantedRule | undefined;

const kindOf = ({ watching }: PartWork): CallKind => (watching ? 'background' : 'foreground');

/** What keeps each part of a site's protection at Cloudflare. */
export function makePartKeepers(deps: PartDeps): PartKeepers {
  const ruleKeeper =
    (phase: RulePhase, refOf: (slug: string) => string, plan: PlanRule): KeepPart =>
    async (work) => {
      const { wish, lease, onlyMissing, onDifference } = work;
      const isLeaving = wish.wanted === 'deleted';
      /** With a zone that is not in the account its rules are gone. */
      const withoutZone = (cause?: unknown): false => {
        if (isLeaving) return false;
        throw zoneLeft(wish.zoneName ?? wish.hostnames[0] ?? '', cause);
      };
      if (wish.zoneStatus === 'deleted') return withoutZone();
      const { limitsByHost } = planLimits[wish.plan];
      const [wanted, otherwise] = [plan(work, limitsByHost), plan(work, !limitsByHost)];
      const kept = {
        cfZoneId: wish.cfZoneId,
        phase,
        ref: refOf(wish.slug),
        wanted,
        otherwise,
        onlyMissing,
        onDifference,
      };
      const rules = deps.rules(kindOf(work));
      try {
        return (await keepRule(rules, kept, lease)).did !== 'nothing';
      } catch (error) {
        if (!isBerthError(error, 'cloudflare.unauthorized', 'cloudflare.refused')) throw error;
        // Or it left the account, and nobody has seen that yet.
        if (!(await rules.hasZone(wish.cfZoneId, wish.zoneName ?? '', lease.signal))) return withoutZone(error);
        throw wanted?.ratelimit ? sayWhatThePlanLacks(work, error) : error;
      }
    };
  return {
    access: accessKeeper(deps),
    ip: ruleKeeper('http_request_firewall_custom', ipRuleRef, ({ wish, target }) =>
      target.ip ? planIpRule(wish.slug, wish.hostnames, toNetworks(target.ip)) : undefined,
    ),
    rateLimit: ruleKeeper('http_ratelimit', rateRuleRef, ({ wish, target }, limitsByHost) =>
      target.rateLimit ? planRateRule(wish.slug, wish.hostnames, target.rateLimit, limitsByHost) : undefined,
    ),
    underAttack: ruleKeeper('http_config_settings', attackRuleRef, ({ wish, target }) =>
      target.underAttack ? planAttackRule(wish.slug, wish.hostnames) : undefined,
    ),
  };
}

/** A limit was asked for where the plan had it; a smaller one may have come since. */
function sayWhatThePlanLacks({ wish, target }: PartWork, cause: BerthError): BerthError {
  const limit = { ...unprotected, rateLimit: target.rateLimit };
  const { problems } = checkProtection(limit, { ...wish, otherRateLimits: 0 });
  if (problems.length === 0) return cause;
  const why = problems.map(({ detail }) => detail).join('; ');
  const message = `the limit can't be had any more: ${why}; want another one, or buy a larger plan`;
  return new BerthError('rules.full', message, { cause, retryAfterMs: 60_000 });
}

function accessKeeper({ access, ...deps }: PartDeps): KeepPart {
  return async (work) => {
    const { wish, target, lease, onlyMissing, onDifference, onElsewhere } = work;
    const api = access(kindOf(work));
    const [apex = '', ...others] = wish.hostnames;
    const kept = {
      slug: wish.slug,
      hostnames: [apex, ...others] as const,
      wanted: target.access ? toAccessWish(target.access) : undefined,
      onlyMissing,
      proofPolicyOf: (policies: Parameters<typeof keepProofPolicy>[1]) =>
        keepProofPolicy({ ...deps, access: api, watching: work.watching }, policies, lease),
      onDifference,
      onElsewhere,
    };
    return (await keepAccess(api, kept, lease)) === 'changed';
  };
}

function toAccessWish({ emails, emailDomains, groups, serviceTokens, sessionHours }: AccessWanted): AccessWish {
  const people: AccessRule[] = [
    ...emails.map((email) => ({ email: { email } })),
    ...emailDomains.map((domain) => ({ email_domain: { domain } })),
    ...groups.map((id) => ({ group: { id } })),
  ];
  return { people, programs: serviceTokens.map((id) => ({ service_token: { token_id: id } })), sessionHours };
}

/** What was wanted was read before it was stored. */
function toNetworks({ allow, block, blockCountries }: IpWanted) {
  const read = (texts: readonly string[]) =>
    texts.flatMap((text) => {
      const network = parseVisitorNetwork(text);
      return network.ok ? [network.value] : [];
    });
  return { allow: read(allow), block: read(block), blockCountries };
}
