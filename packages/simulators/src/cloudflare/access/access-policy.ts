import { randomUUID } from 'node:crypto';
import { isObject } from '../rules/rule.ts';
import { type AccessRule, type Identity, invalid, makeAccessRules, means } from './access-rule.ts';

const DECISIONS = ['allow', 'deny', 'non_identity', 'bypass'] as const;

export interface AccessPolicy {
  id: string;
  name: string;
  decision: (typeof DECISIONS)[number];
  include: AccessRule[];
  exclude: AccessRule[];
  require: AccessRule[];
  session_duration: string;
  approval_required: boolean;
  isolation_required: boolean;
  purpose_justification_required: boolean;
  mfa_config: Record<string, unknown>;
  created_at: string;
  updated_at: string;
}

const SWITCHES = ['approval_required', 'isolation_required', 'purpose_justification_required'] as const;
const RULES = ['include', 'exclude', 'require'];
export const POLICY_FIELDS = [
  'name',
  'decision',
  ...RULES,
  'session_duration',
  'precedence',
  'mfa_config',
  ...SWITCHES,
];
const DURATION = /^(\d+)(ms|s|m|h)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A policy from what was sent. @throws ApiError */
export function makePolicy(body: Record<string, unknown>, former?: AccessPolicy): AccessPolicy {
  const { name, decision, include, exclude = [], require: needed = [], session_duration: duration = '24h' } = body;
  if (typeof name !== 'string' || name === '') throw invalid('name is required');
  const known = DECISIONS.find((one) => one === decision);
  if (!known) throw invalid('decision is required');
  const included = makeAccessRules(include, 'include');
  if (included.length === 0) throw invalid('include is required');
  const isOn = (name: (typeof SWITCHES)[number]) => {
    const value = body[name] ?? false;
    if (typeof value !== 'boolean') throw invalid(`${name} is not valid`);
    return value;
  };
  const { mfa_config: mfa = {} } = body;
  if (!isObject(mfa)) throw invalid('mfa_config is not valid');
  const now = new Date().toISOString();
  return {
    id: former?.id ?? randomUUID(),
    name,
    decision: known,
    include: included,
    exclude: makeAccessRules(exclude, 'exclude'),
    require: makeAccessRules(needed, 'require'),
    session_duration: durationOf(duration),
    approval_required: isOn('approval_required'),
    isolation_required: isOn('isolation_required'),
    purpose_justification_required: isOn('purpose_justification_required'),
    mfa_config: mfa,
    created_at: former?.created_at ?? now,
    updated_at: now,
  };
}

export function durationOf(value: unknown): string {
  if (typeof value !== 'string' || !DURATION.test(value)) throw invalid('session_duration is not valid');
  return value;
}

/** A duration that is valid, in milliseconds. */
export function millisecondsOf(duration: string): number {
  const [, count = '', unit = ''] = DURATION.exec(duration) ?? [];
  return Number(count) * (UNIT_MS[unit] ?? 0);
}

/** Whether a policy is about somebody: one of `include`, all of `require`, none of `exclude`. */
export function concerns({ include, exclude, require: needed }: AccessPolicy, identity: Identity): boolean {
  const holds = (rule: AccessRule) => means(rule, identity);
  return include.some(holds) && needed.every(holds) && !exclude.some(holds);
}
