import type { SiteProtection } from '@berth/contract/protection';
import { Failure } from '../failure.ts';

type Wanted = SiteProtection['wanted'];

/** What `berth site protect` is told. */
export interface ProtectOptions {
  email?: string[];
  emailDomain?: string[];
  group?: string[];
  serviceToken?: string[];
  sessionHours?: number;
  allow?: string[];
  block?: string[];
  blockCountry?: string[];
  rate?: string;
  rateTimeout?: number;
  ratePath?: string;
  rateChallenge?: boolean;
  underAttack?: boolean;
  open?: string[];
}

const parts = ['access', 'ip', 'rate', 'attack'] as const;

/** Whether anything shall be changed at all. */
export function isChange(options: ProtectOptions): boolean {
  return Object.values(partsNamed(options)).some(Boolean) || options.underAttack === true || options.open !== undefined;
}

/**
 * What shall protect the site: a part of which somebody, a network or a rate is named is that alone; one of which only more is said, such as
 * for how long, is what it was but for that; one that is opened is gone, and the others stay.
 */
export function wishOf(options: ProtectOptions, before: Wanted): Wanted {
  const { open = [], allow = [], block = [], blockCountry = [] } = options;
  for (const part of open) {
    if (!parts.some((one) => one === part)) {
      throw new Failure({ ending: 'usage', what: `what is opened is access, ip, rate or attack, not ${part}` });
    }
  }
  const opens = (part: (typeof parts)[number]) => open.includes(part);
  const named = partsNamed(options);
  const both = parts.find((part) => opens(part) && (part === 'attack' ? options.underAttack : named[part]));
  if (both) {
    const what = `--open ${both} takes away what the other options ask for: leave out one of them`;
    throw new Failure({ ending: 'usage', what });
  }
  return {
    access: named.access ? accessOf(options, before.access) : opens('access') ? null : before.access,
    ip: named.ip ? { allow, block, blockCountries: blockCountry } : opens('ip') ? null : before.ip,
    rateLimit: named.rate ? rateOf(options, before.rateLimit) : opens('rate') ? null : before.rateLimit,
    underAttack: options.underAttack || (before.underAttack && !opens('attack')),
  };
}

/** Of which parts something is said. */
function partsNamed(options: ProtectOptions) {
  const { allow, block, blockCountry, sessionHours, rate, rateTimeout, ratePath, rateChallenge } = options;
  return {
    access: namesSomebody(options) || sessionHours !== undefined,
    ip: [allow, block, blockCountry].some((list) => list !== undefined),
    rate: [rate, rateTimeout, ratePath, rateChallenge].some((one) => one !== undefined),
  };
}

const namesSomebody = ({ email, emailDomain, group, serviceToken }: ProtectOptions) =>
  [email, emailDomain, group, serviceToken].some((list) => list !== undefined);

function accessOf(options: ProtectOptions, before: Wanted['access']): Wanted['access'] {
  const { email = [], emailDomain = [], group = [], serviceToken = [], sessionHours } = options;
  if (namesSomebody(options)) {
    const who = { emails: email, emailDomains: emailDomain, groups: group, serviceTokens: serviceToken };
    return { ...who, sessionHours: sessionHours ?? 24 };
  }
  if (!before || sessionHours === undefined) {
    const what =
      '--session-hours is for who may enter: name them as well, by --email, --email-domain, --group or --service-token';
    throw new Failure({ ending: 'usage', what });
  }
  return { ...before, sessionHours };
}

function rateOf(options: ProtectOptions, before: Wanted['rateLimit']): Wanted['rateLimit'] {
  const { rate, rateTimeout, ratePath, rateChallenge } = options;
  const [, requests, seconds] = /^(\d{1,7})\/(\d{1,5})$/.exec(rate ?? '') ?? [];
  if (rate !== undefined && !(requests && seconds)) {
    throw new Failure({ ending: 'usage', what: `--rate takes requests/seconds such as 100/10, not ${rate}` });
  }
  const base = rate === undefined ? before : { requests: Number(requests), periodSeconds: Number(seconds), ...USUAL };
  if (!base) {
    throw new Failure({ ending: 'usage', what: 'there is no limit yet: say --rate as well, such as --rate 100/10' });
  }
  return {
    ...base,
    // Whoever is challenged isn't held off besides.
    ...(rateChallenge && ({ action: 'managed_challenge', timeoutSeconds: 0 } as const)),
    ...(rateTimeout !== undefined && { timeoutSeconds: rateTimeout }),
    ...(ratePath !== undefined && { path: ratePath }),
  };
}

const USUAL = { timeoutSeconds: 10, path: '/', action: 'block' } as const;
