/** Phases of a zone in which Berth has rules. */
export type RulePhase = 'http_request_firewall_custom' | 'http_ratelimit' | 'http_config_settings';

interface RuleBase {
  ref: string;
  expression: string;
  description: string;
  enabled: boolean;
}

/** Holds requests up. */
interface HoldingRule extends RuleBase {
  action: 'block' | 'managed_challenge';
  action_parameters?: never;
  /** of the phase `http_ratelimit` */
  ratelimit?: RuleLimit;
}

/** Has other settings hold than those of the zone. */
interface SettingRule extends RuleBase {
  action: 'set_config';
  action_parameters: { security_level: 'under_attack' };
  ratelimit?: never;
}

/** A rule as it is wanted, found again by its `ref`. */
export type WantedRule = HoldingRule | SettingRule;

/** What a rule counts, in Cloudflare's words. */
export interface RuleLimit {
  characteristics: string[];
  period: number;
  requests_per_period: number;
  mitigation_timeout: number;
}

/** A limit as it stands, with what Berth sets none of: what else it counts by. */
export interface ObservedLimit extends RuleLimit {
  counting_expression?: string | null;
  requests_to_origin?: boolean | null;
  score_per_period?: number | null;
}

/** A rule as it stands, whoever made it. */
export interface ObservedRule {
  id: string;
  ref: string;
  action: string;
  action_parameters?: unknown;
  expression: string;
  description: string;
  enabled: boolean;
  ratelimit?: ObservedLimit;
}

export interface ObservedRuleset {
  id: string;
  rules: ObservedRule[];
}

/** Where rules are of a zone: its phase, and the ruleset in it. */
export interface RulesetPlace {
  cfZoneId: string;
  rulesetId: string;
}

/** What keeps a site's rules needs of Cloudflare. Each call is about one rule: what others made in the same phase is never sent along. */
export interface RuleAccess {
  /** Whether the account has the zone, which a read that is refused doesn't tell. @param name of the zone */
  hasZone(cfZoneId: string, name: string, signal: AbortSignal): Promise<boolean>;
  /** @returns undefined where the phase never had a rule */
  read(cfZoneId: string, phase: RulePhase, signal: AbortSignal): Promise<ObservedRuleset | undefined>;
  /** Makes the ruleset of a phase with its first rule. @throws BerthError `cloudflare.refused` where somebody else just made it */
  begin(cfZoneId: string, phase: RulePhase, rule: WantedRule, signal: AbortSignal): Promise<void>;
  /** @throws BerthError `cloudflare.refused`; `rules.full` where the plan has no room */
  add(place: RulesetPlace, rule: WantedRule, signal: AbortSignal): Promise<void>;
  change(place: RulesetPlace, ruleId: string, rule: WantedRule, signal: AbortSignal): Promise<void>;
  /** One that is gone already does no harm. */
  remove(place: RulesetPlace, ruleId: string, signal: AbortSignal): Promise<void>;
}
