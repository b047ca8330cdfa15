import type { SiteProtection } from '@berth/contract/protection';
import { Failure } from '../failure.ts';

type Wanted = SiteProtection['wanted'];

/** What `berth site protect` is told; a list that isn't named is empty. */
export interface ProtectOptions {
  email: string[];
  emailDomain: string[];
  group: string[];
  serviceToken: string[];
  sessionHours?: number;
  allow: string[];
  block: string[];
  blockCountry: string[];
  rate?: string;
  rateTimeout?: number;
  ratePath?: string;
  underAttack?: boolean;
  open: string[];
}

const parts = ['access', 'ip', 'rate', 'attack'] as const;

/** Whether anything shall be changed at all. */
export function isChange(options: ProtectOptions): boolean {
  const { rate, underAttack, open } = options;
  return namesAccess(options) || namesIp(options) || rate !== undefined || underAttack === true || open.length > 0;
}

/** What shall protect the site: a part of which something is named is that alone, one that is opened is gone, and the others stay. */
export function wishOf(options: ProtectOptions, before: Wanted): Wanted {
  for (const part of options.open) {
    if (!parts.some((one) => one === part)) {
      throw new Failure({ ending: 'usage', what: `what is opened is access, ip, rate or attack, not ${part}` });
    }
  }
  const opens = (part: (typeof parts)[number]) => options.open.includes(part);
  return {
    access: namesAccess(options) ? accessOf(options) : opens('access') ? null : before.access,
    ip: namesIp(options)
      ? { allow: options.allow, block: options.block, blockCountries: options.blockCountry }
      : opens('ip')
        ? null
        : before.ip,
    rateLimit: options.rate !== undefined ? rateOf(options, options.rate) : opens('rate') ? null : before.rateLimit,
    underAttack: options.underAttack || (before.underAttack && !opens('attack')),
  };
}

const namesAccess = ({ email, emailDomain, group, serviceToken }: ProtectOptions) =>
  [email, emailDomain, group, serviceToken].some((list) => list.length > 0);
const namesIp = ({ allow, block, blockCountry }: ProtectOptions) =>
  [allow, block, blockCountry].some((list) => list.length > 0);

function accessOf({ email, emailDomain, group, serviceToken, sessionHours = 24 }: ProtectOptions): Wanted['access'] {
  return { emails: email, emailDomains: emailDomain, groups: group, serviceTokens: serviceToken, sessionHours };
}

/** `100/10`: requests within seconds. */
function rateOf({ rateTimeout = 10, ratePath = '/' }: ProtectOptions, text: string): Wanted['rateLimit'] {
  const [, requests, seconds] = /^(\d{1,7})\/(\d{1,5})$/.exec(text) ?? [];
  if (!requests || !seconds) {
    throw new Failure({ ending: 'usage', what: `--rate takes requests/seconds such as 100/10, not ${text}` });
  }
  const times = { periodSeconds: Number(seconds), timeoutSeconds: rateTimeout };
  return { requests: Number(requests), ...times, path: ratePath, action: 'block' };
}
