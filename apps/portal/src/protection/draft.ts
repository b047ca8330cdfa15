import type { ProtectionRequest, SiteProtection } from '@berth/contract/protection';

/** What protects a site as it is typed: lists are lines. */
export interface Draft {
  accessOn: boolean;
  emails: string;
  emailDomains: string;
  groups: string;
  serviceTokens: string;
  sessionHours: string;
  ipOn: boolean;
  allow: string;
  block: string;
  blockCountries: string;
  rateLimitOn: boolean;
  requests: string;
  periodSeconds: string;
  timeoutSeconds: string;
  path: string;
  action: 'block' | 'managed_challenge';
  underAttack: boolean;
}

const SESSION_HOURS = 24;
const REQUESTS = 100;
const SECONDS = 10;

/** What is wanted, to be typed on; parts that aren't wanted begin with what is usual. */
export function toDraft({ access, ip, rateLimit, underAttack }: SiteProtection['wanted']): Draft {
  const lines = (texts: readonly string[] | undefined) => (texts ?? []).join('\n');
  const isChallenge = rateLimit?.action === 'managed_challenge';
  return {
    accessOn: access !== null,
    emails: lines(access?.emails),
    emailDomains: lines(access?.emailDomains),
    groups: lines(access?.groups),
    serviceTokens: lines(access?.serviceTokens),
    sessionHours: String(access?.sessionHours ?? SESSION_HOURS),
    ipOn: ip !== null,
    allow: lines(ip?.allow),
    block: lines(ip?.block),
    blockCountries: lines(ip?.blockCountries),
    rateLimitOn: rateLimit !== null,
    requests: String(rateLimit?.requests ?? REQUESTS),
    periodSeconds: String(rateLimit?.periodSeconds ?? SECONDS),
    timeoutSeconds: String((isChallenge ? undefined : rateLimit?.timeoutSeconds) ?? SECONDS),
    path: rateLimit?.path ?? '/',
    action: rateLimit?.action ?? 'block',
    underAttack,
  };
}

/** What was typed, as the API takes it: a part that is off isn't wanted. */
export function toWish(draft: Draft): ProtectionRequest {
  const { action } = draft;
  return {
    access: draft.accessOn
      ? {
          emails: entriesIn(draft.emails),
          emailDomains: entriesIn(draft.emailDomains),
          groups: entriesIn(draft.groups),
          serviceTokens: entriesIn(draft.serviceTokens),
          sessionHours: Number(draft.sessionHours),
        }
      : null,
    ip: draft.ipOn
      ? {
          allow: entriesIn(draft.allow),
          block: entriesIn(draft.block),
          blockCountries: entriesIn(draft.blockCountries),
        }
      : null,
    rateLimit: draft.rateLimitOn
      ? {
          requests: Number(draft.requests),
          periodSeconds: Number(draft.periodSeconds),
          // What is challenged isn't held off: each request is one of its own.
          timeoutSeconds: action === 'managed_challenge' ? 0 : Number(draft.timeoutSeconds),
          path: draft.path.trim() || '/',
          action,
        }
      : null,
    underAttack: draft.underAttack,
  };
}

/** What stands in lines, or between commas and blanks; empty ones are nobody's entry. */
function entriesIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter((one) => one !== '');
}

const PERIODS = [10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 65_535];
const TIMEOUTS = [10, 60, 120, 300, 600, 3600, 86_400];

/** Seconds that a plan lets choose from, with what is chosen now. */
export function choices(
  of: 'periodSeconds' | 'timeoutSeconds',
  longestSeconds: number,
  chosen: string,
): readonly string[] {
  const all = of === 'periodSeconds' ? PERIODS : TIMEOUTS;
  const given = all.filter((seconds) => seconds <= longestSeconds).map(String);
  return given.includes(chosen) ? given : [...given, chosen];
}
