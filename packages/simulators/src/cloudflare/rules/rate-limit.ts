import { ApiError } from '../api-error.ts';
import { type Plan, rateLimitingOf } from './plan.ts';

/** What a rule of the phase `http_ratelimit` counts. */
export interface RateLimit {
  characteristics: string[];
  /** seconds */
  period: number;
  requests_per_period: number;
  /** seconds for which what is too much is held off */
  mitigation_timeout: number;
}

const PERIODS = [
  10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 300, 480, 600, 900, 1200, 1800, 2400, 3600, 65_535, 86_400,
];
const COLO = 'cf.colo.id';
const FIELDS = new Set(['characteristics', 'period', 'requests_per_period', 'mitigation_timeout']);

/**
 * The limit of a rule; undefined where the phase has none.
 * @param fields that the rule's expression looks at
 * @throws ApiError for what isn't valid, and for what the plan doesn't have
 */
export function rateLimitOf(
  body: unknown,
  { phase, plan, fields }: { phase: string; plan: Plan; fields: ReadonlySet<string> },
): RateLimit | undefined {
  if (phase !== 'http_ratelimit') {
    if (body !== undefined) throw refused(`ratelimit is not allowed in the phase ${phase}`);
    return undefined;
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw refused('ratelimit is required');
  for (const field of Object.keys(body)) if (!FIELDS.has(field)) throw refused(`unknown field ratelimit.${field}`);
  const {
    characteristics,
    period,
    requests_per_period: requests,
    mitigation_timeout: timeout,
  } = body as Record<string, unknown>;
  if (!isTexts(characteristics) || !characteristics.includes(COLO)) {
    throw refused(`ratelimit.characteristics must contain ${COLO}`);
  }
  if (!isWhole(period) || !PERIODS.includes(period))
    throw refused(`${period} is not a valid value for ratelimit.period`);
  if (!isWhole(requests) || requests < 1) throw refused('ratelimit.requests_per_period must be at least 1');
  if (!isWhole(timeout)) throw refused('ratelimit.mitigation_timeout must be a number of seconds');
  const { longestPeriod, longestTimeout, fields: allowed } = rateLimitingOf[plan];
  const periods = PERIODS.filter((one) => one <= longestPeriod).join(' ');
  if (period > longestPeriod) {
    throw refused(`not entitled to use the period ${period}, can only use a period among [${periods}]`);
  }
  if (timeout > longestTimeout) throw refused(`not entitled to use the mitigation timeout ${timeout}`);
  const beyond = [...fields].find((field) => allowed && !allowed.has(field));
  if (beyond) throw refused(`not entitled to use the field ${beyond}`);
  return { characteristics, period, requests_per_period: requests, mitigation_timeout: timeout };
}

const refused = (message: string) => new ApiError(400, 20_120, message);
const isWhole = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
