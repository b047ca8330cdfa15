/** What a zone may do, by what is paid for it. */
export type Plan = 'free' | 'pro' | 'business' | 'enterprise';

/** A plan's word in a zone, and its name. */
export const planNames: Readonly<Record<Plan, string>> = {
  free: 'Free Website',
  pro: 'Pro Website',
  business: 'Business Website',
  enterprise: 'Enterprise Website',
};

/** What a plan allows rate limiting rules. */
export interface RateLimiting {
  /** seconds that a rule may count over */
  longestPeriod: number;
  longestTimeout: number;
  /** fields that the expression may use; undefined: all */
  fields: ReadonlySet<string> | undefined;
}

const MINUTE = 60;
const DAY = 86_400;
const FREE_FIELDS = ['http.request.uri.path', 'cf.client.bot'];
const PRO_FIELDS = [...FREE_FIELDS, 'http.host', 'http.request.uri', 'http.request.full_uri', 'http.request.uri.query'];
const BUSINESS_FIELDS = [...PRO_FIELDS, 'http.request.method', 'ip.src', 'http.user_agent'];

/** Rate limiting by plan, as Cloudflare's page on its availability has it. */
export const rateLimitingOf: Readonly<Record<Plan, RateLimiting>> = {
  free: { longestPeriod: 10, longestTimeout: 10, fields: new Set(FREE_FIELDS) },
  pro: { longestPeriod: MINUTE, longestTimeout: 60 * MINUTE, fields: new Set(PRO_FIELDS) },
  business: { longestPeriod: 10 * MINUTE, longestTimeout: DAY, fields: new Set(BUSINESS_FIELDS) },
  enterprise: { longestPeriod: 65_535, longestTimeout: DAY, fields: undefined },
};

/** A phase of requests in which rules may be, how many by plan, and what they may do. */
export interface Phase {
  rules: Readonly<Record<Plan, number>>;
  actions: ReadonlySet<string>;
}

const CHALLENGES = ['challenge', 'js_challenge', 'managed_challenge'];

/** The phases that are known here, each with its limits. */
export const phases: Readonly<Record<string, Phase>> = {
  http_request_firewall_custom: {
    rules: { free: 5, pro: 20, business: 100, enterprise: 1000 },
    actions: new Set(['block', 'log', 'skip', ...CHALLENGES]),
  },
  http_ratelimit: {
    rules: { free: 1, pro: 2, business: 5, enterprise: 100 },
    actions: new Set(['block', 'log', ...CHALLENGES]),
  },
  http_config_settings: {
    rules: { free: 10, pro: 25, business: 50, enterprise: 300 },
    actions: new Set(['set_config']),
  },
  http_request_dynamic_redirect: {
    rules: { free: 10, pro: 25, business: 50, enterprise: 300 },
    actions: new Set(['redirect']),
  },
};
