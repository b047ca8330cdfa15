/** What a zone may do, by what is paid for it. */
export const zonePlans = ['free', 'pro', 'business', 'enterprise'] as const;

export type ZonePlan = (typeof zonePlans)[number];

/** What a plan gives for protecting a site (Cloudflare's pages on availability by plan). */
export interface PlanLimits {
  /** custom rules of a zone, whoever made them */
  customRules: number;
  rateRules: number;
  longestPeriodSeconds: number;
  longestTimeoutSeconds: number;
  /** a limit can be for some host names of the zone alone */
  limitsByHost: boolean;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

export const planLimits = {
  free: { customRules: 5, rateRules: 1, longestPeriodSeconds: 10, longestTimeoutSeconds: 10, limitsByHost: false },
  pro: {
    customRules: 20,
    rateRules: 2,
    longestPeriodSeconds: MINUTE,
    longestTimeoutSeconds: HOUR,
    limitsByHost: true,
  },
  business: {
    customRules: 100,
    rateRules: 5,
    longestPeriodSeconds: 10 * MINUTE,
    longestTimeoutSeconds: DAY,
    limitsByHost: true,
  },
  enterprise: {
    customRules: 1000,
    rateRules: 100,
    longestPeriodSeconds: 65_535,
    longestTimeoutSeconds: DAY,
    limitsByHost: true,
  },
} as const satisfies Record<ZonePlan, PlanLimits>;

/** Cloudflare's word for a plan; undefined for one that is not known here. */
export function parseZonePlan(text: string | null | undefined): ZonePlan | undefined {
  return zonePlans.find((plan) => plan === text);
}
