import { randomBytes } from 'node:crypto';
import { ApiError } from '../api-error.ts';
import { type Plan, phases } from './plan.ts';
import { invalidRule, isObject, makeRule, type Rule } from './rule.ts';

/** The rules of one phase of a zone, as the API shows them. */
export interface Ruleset {
  id: string;
  name: string;
  description: string;
  kind: 'zone';
  phase: string;
  version: string;
  last_updated: string;
  rules: Rule[];
}

/** What changes a zone's rules: the whole of a phase, or one of it. Each change is checked as a whole before anything of it stands. */
export class ZoneRules {
  readonly #rulesets: Map<string, Ruleset>;

  constructor(from: readonly Ruleset[] = []) {
    this.#rulesets = new Map(from.map((ruleset) => [ruleset.phase, ruleset]));
  }

  all(): Ruleset[] {
    return [...this.#rulesets.values()];
  }

  /** @throws ApiError 10003 where nobody ever made one */
  entrypoint(phase: string): Ruleset {
    known(phase);
    const found = this.#rulesets.get(phase);
    if (!found) throw new ApiError(404, 10_003, `could not find entrypoint ruleset in the ${phase} phase`);
    return found;
  }

  ruleset(id: string): Ruleset {
    const found = this.all().find((ruleset) => ruleset.id === id);
    if (!found) throw new ApiError(404, 10_003, `could not find ruleset "${id}"`);
    return found;
  }

  /** Replaces all rules of a phase: those that aren't sent are gone, whoever made them. One that is sent with a known `ref` keeps its id. */
  replace(phase: string, { rules, name, description }: Record<string, unknown>, plan: Plan): Ruleset {
    known(phase);
    if (!Array.isArray(rules)) throw invalidRule('rules is required');
    const before = this.#rulesets.get(phase);
    const made = rules.map((body: unknown) => {
      const ref = isObject(body) ? body.ref : undefined;
      const former = before?.rules.find((rule) => rule.ref === ref || (isObject(body) && rule.id === body.id));
      return makeRule(body, { phase, plan, former });
    });
    return this.#put(phase, before, made, plan, {
      ...(typeof name === 'string' && { name }),
      ...(typeof description === 'string' && { description }),
    });
  }

  add(id: string, { position, ...body }: Record<string, unknown>, plan: Plan): Ruleset {
    const before = this.ruleset(id);
    const rule = makeRule(body, { phase: before.phase, plan });
    return this.#put(before.phase, before, placed(before.rules, rule, position), plan);
  }

  change(id: string, ruleId: string, { position, ...body }: Record<string, unknown>, plan: Plan): Ruleset {
    const before = this.ruleset(id);
    const former = ruleOf(before, ruleId);
    const moved = position !== undefined && Object.keys(body).length === 0;
    const rule = moved ? former : makeRule(body, { phase: before.phase, plan, former });
    if (position === undefined) {
      const rules = before.rules.map((one) => (one === former ? rule : one));
      return this.#put(before.phase, before, rules, plan);
    }
    const rest = before.rules.filter((one) => one !== former);
    return this.#put(before.phase, before, placed(rest, rule, position), plan);
  }

  remove(id: string, ruleId: string, plan: Plan): Ruleset {
    const before = this.ruleset(id);
    const gone = ruleOf(before, ruleId);
    const rules = before.rules.filter((rule) => rule !== gone);
    return this.#put(before.phase, before, rules, plan);
  }

  #put(phase: string, before: Ruleset | undefined, rules: Rule[], plan: Plan, more: Partial<Ruleset> = {}): Ruleset {
    const max = phases[phase]?.rules[plan] ?? 0;
    if (rules.length > max && rules.length > (before?.rules.length ?? 0)) {
      const message = `exceeded the maximum number of rules in the phase ${phase}: ${rules.length} out of ${max}`;
      throw new ApiError(400, 20_217, message);
    }
    if (new Set(rules.map((rule) => rule.ref)).size < rules.length) throw invalidRule('ref must be unique');
    const ruleset: Ruleset = {
      id: before?.id ?? randomBytes(16).toString('hex'),
      name: before?.name ?? 'default',
      description: before?.description ?? '',
      kind: 'zone',
      phase,
      ...more,
      version: String(Number(before?.version ?? 0) + 1),
      last_updated: new Date().toISOString(),
      rules,
    };
    this.#rulesets.set(phase, ruleset);
    return ruleset;
  }
}

function known(phase: string): void {
  if (!Object.hasOwn(phases, phase)) throw new ApiError(400, 10_002, `unknown phase "${phase}"`);
}

function ruleOf(ruleset: Ruleset, ruleId: string): Rule {
  const found = ruleset.rules.find((rule) => rule.id === ruleId);
  if (!found) throw new ApiError(404, 10_004, `could not find rule "${ruleId}"`);
  return found;
}

/** Where a rule is put: at the end, or `before` or `after` another (empty: the first or the last), or at an `index` from 1. */
function placed(rules: readonly Rule[], rule: Rule, position: unknown): Rule[] {
  const at = position === undefined ? rules.length : indexOf(rules, position);
  return [...rules.slice(0, at), rule, ...rules.slice(at)];
}

function indexOf(rules: readonly Rule[], position: unknown): number {
  if (!isObject(position) || Object.keys(position).length !== 1) throw invalidRule('position is not valid');
  const { before, after, index } = position;
  if (before === '') return 0;
  if (after === '') return rules.length;
  const found = rules.findIndex(({ id }) => id === (before ?? after));
  if (typeof index === 'number' && Number.isInteger(index) && index >= 1) return Math.min(index - 1, rules.length);
  if (found < 0) throw invalidRule('position is not valid');
  return before === undefined ? found + 1 : found;
}
