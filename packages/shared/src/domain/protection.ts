/** The parts of a site's protection; each is kept for itself at Cloudflare. */
export const protectionParts = ['access', 'ip', 'rateLimit', 'underAttack'] as const;

export type ProtectionPart = (typeof protectionParts)[number];

/** Who may enter a site: whoever signs in and is meant by one of these, and programs with one of the tokens. */
export interface AccessWanted {
  emails: string[];
  emailDomains: string[];
  /** ids of Access groups */
  groups: string[];
  /** ids of service tokens */
  serviceTokens: string[];
  sessionHours: number;
}

/** How many policies it takes at Cloudflare: one for people, one for programs. */
export function accessPolicies({ emails, emailDomains, groups, serviceTokens }: AccessWanted): number {
  const people = emails.length + emailDomains.length + groups.length;
  return Number(people > 0) + Number(serviceTokens.length > 0);
}

/** From where a site may be visited. */
export interface IpWanted {
  /** networks; from nowhere else, where there are any */
  allow: string[];
  block: string[];
  /** two letters each */
  blockCountries: string[];
}

/** How often one address may ask. */
export interface RateLimitWanted {
  requests: number;
  periodSeconds: number;
  /** for how long what was too much is held off */
  timeoutSeconds: number;
  /** what the paths begin with that are counted */
  path: string;
  action: 'block' | 'managed_challenge';
}

/** What protects a site, as a whole. */
export interface Protection {
  access: AccessWanted | null;
  ip: IpWanted | null;
  rateLimit: RateLimitWanted | null;
  /** every visitor is looked at before they get through */
  underAttack: boolean;
}

/** What a site has of which nobody wanted anything. */
export const unprotected: Protection = { access: null, ip: null, rateLimit: null, underAttack: false };

/** Whether a part is wanted. */
export function wantsPart(protection: Protection, part: ProtectionPart): boolean {
  return part === 'underAttack' ? protection.underAttack : protection[part] !== null;
}

/**
 * In which order parts are changed, so that on the way nobody gets in whom neither protection lets in by its parts: what is new first, then
 * what changes, and what is no longer wanted at the end.
 */
export function inOrderOfChange(from: Protection, to: Protection): ProtectionPart[] {
  const rank = (part: ProtectionPart) => (!wantsPart(to, part) ? 2 : wantsPart(from, part) ? 1 : 0);
  return [...protectionParts].sort((a, b) => rank(a) - rank(b));
}

/** What is stored, with what is missing in it as nobody's wish. */
export function readProtection(stored: Partial<Protection> | null | undefined): Protection {
  return { ...unprotected, ...stored };
}

/** A part that another wish would change. */
export interface ProtectionChange {
  part: ProtectionPart;
  before: unknown;
  after: unknown;
}

/** What differs between two wishes, by part; lists have one order, so that their texts can be compared. */
export function changesBetween(before: Protection, after: Protection): ProtectionChange[] {
  return protectionParts
    .filter((part) => JSON.stringify(inOrder(before[part])) !== JSON.stringify(inOrder(after[part])))
    .map((part) => ({ part, before: before[part], after: after[part] }));
}

/** Postgres gives the fields of what it stores in an order of its own. */
function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
