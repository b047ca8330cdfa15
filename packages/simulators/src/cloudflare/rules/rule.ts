import { randomBytes } from 'node:crypto';
import { ApiError } from '../api-error.ts';
import { checkSettings } from './check-settings.ts';
import { compileExpression, EXPRESSION_MAX, type Expression } from './expression.ts';
import { type Plan, phases } from './plan.ts';
import { type RateLimit, rateLimitOf } from './rate-limit.ts';
import { ExpressionError } from './tokens.ts';

/** A rule as the API shows it. */
export interface Rule {
  id: string;
  version: string;
  action: string;
  action_parameters?: Record<string, unknown>;
  expression: string;
  description: string;
  enabled: boolean;
  ref: string;
  ratelimit?: RateLimit;
  last_updated: string;
}

const ID = /^[0-9a-f]{32}$/;
const FIELDS = new Set([
  'id',
  'version',
  'action',
  'action_parameters',
  'expression',
  'description',
  'enabled',
  'ref',
  'ratelimit',
  'last_updated',
  'categories',
  'logging',
]);

const compiled = new WeakMap<Rule, Expression>();

/** The rule's expression, ready to be asked. */
export function expressionOf(rule: Rule): Expression {
  const known = compiled.get(rule) ?? compileExpression(rule.expression);
  compiled.set(rule, known);
  return known;
}

export function invalidRule(message: string, code = 20_120): ApiError {
  return new ApiError(400, code, message);
}

/**
 * A rule from what was sent. What isn't sent is not kept from before: a rule is always defined whole.
 * @param former of the rule that is replaced
 * @throws ApiError
 */
export function makeRule(
  body: unknown,
  { phase, plan, former }: { phase: string; plan: Plan; former?: Pick<Rule, 'id' | 'version' | 'ref'> | undefined },
): Rule {
  if (!isObject(body)) throw invalidRule('rule must be an object');
  for (const field of Object.keys(body)) if (!FIELDS.has(field)) throw invalidRule(`unknown field ${field}`);
  const { action, expression, description = '', enabled = true, ref, action_parameters: parameters } = body;
  const limits = phases[phase];
  if (typeof action !== 'string' || !limits?.actions.has(action)) {
    throw invalidRule(
      `'${String(action)}' is not a valid value for action because it is not allowed in the phase ${phase}`,
    );
  }
  if (action === 'log' && plan !== 'enterprise') throw invalidRule('not entitled to use the action log');
  if (typeof description !== 'string') throw invalidRule('description must be a string');
  if (typeof enabled !== 'boolean') throw invalidRule('enabled must be a boolean');
  if (ref !== undefined && (typeof ref !== 'string' || ref === '')) throw invalidRule('ref must be a string');
  if (parameters !== undefined && !isObject(parameters)) throw invalidRule('action_parameters must be an object');
  if (action === 'set_config') checkSettings(parameters);
  if (parameters && action !== 'set_config' && action !== 'block' && action !== 'skip' && action !== 'redirect') {
    throw invalidRule(`action_parameters are not allowed with the action ${action}`);
  }
  const { fields } = parsed(expression);
  const ratelimit = rateLimitOf(body.ratelimit, { phase, plan, fields });
  const id = former?.id ?? idOf(body.id) ?? randomBytes(16).toString('hex');
  return {
    id,
    version: String(Number(former?.version ?? 0) + 1),
    action,
    ...(parameters && { action_parameters: parameters }),
    expression: String(expression),
    description,
    enabled,
    ref: ref ?? former?.ref ?? id,
    ...(ratelimit && { ratelimit }),
    last_updated: new Date().toISOString(),
  };
}

function parsed(expression: unknown): Expression {
  if (typeof expression !== 'string' || expression === '') throw invalidRule('expression is required');
  if (expression.length > EXPRESSION_MAX) throw invalidRule(`expression is longer than ${EXPRESSION_MAX} characters`);
  try {
    return compileExpression(expression);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const message = `'${expression}' is not a valid value for expression because the expression is invalid: ${error.message}`;
    throw invalidRule(message, 20_127);
  }
}

function idOf(id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if (typeof id !== 'string' || !ID.test(id)) throw invalidRule('id is not valid');
  return id;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
