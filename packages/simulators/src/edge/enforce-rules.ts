import type { IncomingMessage } from 'node:http';
import type { RateLimit } from '../cloudflare/rules/rate-limit.ts';
import type { RequestFields } from '../cloudflare/rules/request-fields.ts';
import { expressionOf, isObject, type Rule } from '../cloudflare/rules/rule.ts';
import type { Zone } from '../cloudflare/zone.ts';
import { hostnameOf, visitorOf } from './visitor.ts';

/** How the edge answers in place of the site. */
export interface Refusal {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What of a zone's rules holds requests up at the edge: each is asked about once, since limits count. */
export interface RuleEnforcement {
  /** @returns undefined for a request that goes on to the site */
  refuse(zone: Zone, request: IncomingMessage): Refusal | undefined;
}

/** The phases that hold requests up, in the order in which they come. */
const ORDER = ['http_request_firewall_custom', 'http_ratelimit'];
/** What a rule skips by the product's name; it stands outside the phases, and comes here after those that block. */
const LEVEL = 'the security level';
const BLOCKED: Refusal = { status: 403, headers: {}, body: 'Sorry, you have been blocked' };
const TOO_MANY: Refusal = { status: 429, headers: {}, body: 'error code: 1015' };
const CHALLENGED: Refusal = { status: 403, headers: { 'cf-mitigated': 'challenge' }, body: 'Just a moment...' };

export function makeRuleEnforcement(now: () => number = Date.now): RuleEnforcement {
  const counters = new Map<string, { from: number; count: number; heldUntil: number }>();

  /** A rule's requests are counted per address; one that was too much begins the time for which all are held off. */
  function isTooMuch(
    rule: Rule,
    { period, requests_per_period: most, mitigation_timeout: timeout }: RateLimit,
    address: string,
  ): boolean {
    const key = `${rule.id} ${rule.version} ${address}`;
    const at = now();
    const known = counters.get(key);
    if (known && at < known.heldUntil) return true;
    const counter = known && at < known.from + period * 1000 ? known : { from: at, count: 0, heldUntil: 0 };
    counter.count += 1;
    counters.set(key, counter);
    if (counter.count <= most) return false;
    counter.heldUntil = at + timeout * 1000;
    return true;
  }

  function isMet(rule: Rule, fields: RequestFields): boolean {
    if (!rule.enabled || !expressionOf(rule).matches(fields)) return false;
    return !rule.ratelimit || isTooMuch(rule, rule.ratelimit, fields.address);
  }

  return {
    refuse(zone, request) {
      const fields = fieldsOf(request);
      const skipped = new Set<string>();
      for (const phase of ORDER) {
        if (phase === 'http_ratelimit' && !skipped.has(LEVEL) && isHeldByLevel(zone, request, fields))
          return CHALLENGED;
        const ruleset = zone.rules.all().find((one) => one.phase === phase);
        for (const rule of skipped.has(phase) ? [] : (ruleset?.rules ?? [])) {
          if (rule.action === 'log' || !isMet(rule, fields)) continue;
          if (rule.action !== 'skip') return answerOf(rule);
          const { phases, products, ruleset: which } = rule.action_parameters ?? {};
          if (Array.isArray(products) && products.includes('securityLevel')) skipped.add(LEVEL);
          if (Array.isArray(phases)) for (const one of phases) skipped.add(String(one));
          if (which === 'current') break;
        }
      }
      return undefined;
    },
  };
}

/** Under attack whoever has not passed the challenge yet gets it; where several rules say a level, the last one counts. */
function isHeldByLevel(zone: Zone, request: IncomingMessage, fields: RequestFields): boolean {
  const settings = zone.rules.all().find(({ phase }) => phase === 'http_config_settings')?.rules ?? [];
  const levels = settings.flatMap((rule) => {
    const level = rule.action_parameters?.security_level;
    return level !== undefined && rule.enabled && expressionOf(rule).matches(fields) ? [level] : [];
  });
  return levels.at(-1) === 'under_attack' && request.headers['x-simulated-challenge'] !== 'passed';
}

function answerOf({ action, action_parameters: parameters, ratelimit }: Rule): Refusal {
  if (action !== 'block') return CHALLENGED;
  const own = parameters?.response;
  if (!isObject(own)) return ratelimit ? TOO_MANY : BLOCKED;
  const { status_code: status, content_type: type, content } = own;
  return { status: Number(status), headers: { 'Content-Type': String(type) }, body: String(content) };
}

function fieldsOf(request: IncomingMessage): RequestFields {
  return {
    host: hostnameOf(request),
    uri: request.url ?? '/',
    method: request.method ?? 'GET',
    userAgent: String(request.headers['user-agent'] ?? ''),
    ...visitorOf(request),
  };
}
