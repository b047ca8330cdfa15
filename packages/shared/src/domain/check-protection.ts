import type { AccessWanted, IpWanted, Protection, RateLimitWanted } from './protection.ts';
import { parseVisitorNetwork, type VisitorNetwork } from './visitor-network.ts';
import { EXPRESSION_MAX, type IpWish, planIpRule } from './visitor-rules.ts';
import { planLimits, type ZonePlan } from './zone-plan.ts';

/** What is wrong with one field of a wish. */
export interface ProtectionProblem {
  pointer: string;
  detail: string;
}

/** What a wish is checked against. */
export interface ProtectionPlace {
  slug: string;
  /** apex first */
  hostnames: readonly string[];
  plan: ZonePlan;
  /** rate limits that other sites of the zone want */
  otherRateLimits: number;
}

/** Seconds that Cloudflare counts over, and for which it holds off. */
const PERIODS = [
  10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 300, 480, 600, 900, 1200, 1800, 2400, 3600, 65_535, 86_400,
];
const TIMEOUTS = [10, 60, 120, 300, 600, 3600, 86_400];
const HOSTNAMES_MAX = 5;

/**
 * Brings a wish into the one form that is stored (each value once, in one order), and says what can't be had: bad networks, lists that
 * would shut out everybody or nobody, and what the zone's plan doesn't give.
 */
export function checkProtection(
  wish: Protection,
  place: ProtectionPlace,
): { wanted: Protection; problems: ProtectionProblem[] } {
  const problems: ProtectionProblem[] = [];
  const say = (pointer: string, detail: string) => problems.push({ pointer, detail });
  const wanted: Protection = {
    access: wish.access && checkAccess(wish.access, place, say),
    ip: wish.ip && checkIp(wish.ip, place, say),
    rateLimit: wish.rateLimit,
    underAttack: wish.underAttack,
  };
  if (wish.rateLimit) checkRateLimit(wish.rateLimit, place, say);
  return { wanted, problems };
}

type Say = (pointer: string, detail: string) => void;

const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;

function checkAccess(wish: AccessWanted, { hostnames }: ProtectionPlace, say: Say): AccessWanted {
  const emailDomains = wish.emailDomains.map((text) => text.toLowerCase().replace(/^@/, ''));
  for (const [index, domain] of emailDomains.entries()) {
    if (!DOMAIN.test(domain)) say(`#/access/emailDomains/${index}`, 'must be a domain such as example.org');
  }
  const wanted: AccessWanted = {
    emails: once(wish.emails.map((text) => text.toLowerCase())),
    emailDomains: once(emailDomains),
    groups: once(wish.groups),
    serviceTokens: once(wish.serviceTokens),
    sessionHours: wish.sessionHours,
  };
  const who = [wanted.emails, wanted.emailDomains, wanted.groups, wanted.serviceTokens];
  if (who.every((list) => list.length === 0)) {
    say(
      '#/access',
      'names nobody who may enter: give e-mails, emailDomains, groups or serviceTokens, or leave access away',
    );
  }
  if (hostnames.length > HOSTNAMES_MAX) {
    say(
      '#/access',
      `an application of Access guards ${HOSTNAMES_MAX} host names at most, and this site has ${hostnames.length}`,
    );
  }
  return wanted;
}

function checkIp(wish: IpWanted, place: ProtectionPlace, say: Say): IpWanted | null {
  const allow = parseNetworks(wish.allow, '#/ip/allow', say);
  const block = parseNetworks(wish.block, '#/ip/block', say);
  for (const [index, { prefix, text }] of allow.entries()) {
    if (prefix === 0) say(`#/ip/allow/${index}`, `${text} allows every address: leave the list away for that`);
  }
  for (const [index, { prefix, text }] of block.entries()) {
    if (prefix === 0) say(`#/ip/block/${index}`, `${text} blocks everybody, also you: list networks, or countries`);
  }
  const blockCountries = once(wish.blockCountries.map((code) => code.toUpperCase()));
  for (const [index, code] of wish.blockCountries.entries()) {
    if (!isCountry(code.toUpperCase()))
      say(`#/ip/blockCountries/${index}`, 'must be a country in two letters, such as US; T1 is Tor');
  }
  if (allow.length > 0 && allow.every((one) => block.some((other) => holds(other, one)))) {
    say('#/ip/allow', 'all of it is blocked as well, so that nobody could enter');
  }
  const networks: IpWish = { allow, block, blockCountries };
  const { length = 0 } = planIpRule(place.slug, place.hostnames, networks)?.expression ?? {};
  if (length > EXPRESSION_MAX) {
    say(
      '#/ip',
      `makes a rule of ${length} characters, and Cloudflare takes ${EXPRESSION_MAX}: name larger networks, or fewer`,
    );
  }
  if (allow.length + block.length + blockCountries.length === 0) return null;
  return { allow: once(allow.map(({ text }) => text)), block: once(block.map(({ text }) => text)), blockCountries };
}

function parseNetworks(texts: readonly string[], pointer: string, say: Say): VisitorNetwork[] {
  return texts.flatMap((text, index) => {
    const read = parseVisitorNetwork(text);
    if (read.ok) return [read.value];
    say(`${pointer}/${index}`, `${text.trim()} ${read.problem}`);
    return [];
  });
}

/** Whether all of `inner` is in `outer`. */
export function holds(outer: VisitorNetwork, inner: VisitorNetwork): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  const rest = BigInt((outer.family === 4 ? 32 : 128) - outer.prefix);
  return outer.first >> rest === inner.first >> rest;
}

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const TOR = 'T1';

function isCountry(code: string): boolean {
  return code === TOR || (/^[A-Z]{2}$/.test(code) && code !== 'ZZ' && names.of(code) !== undefined);
}

function checkRateLimit(wish: RateLimitWanted, { plan, otherRateLimits }: ProtectionPlace, say: Say): void {
  const limits = planLimits[plan];
  const at = (field: keyof RateLimitWanted) => `#/rateLimit/${field}`;
  const having = (all: readonly number[], most: number) => all.filter((one) => one <= most).join(', ');
  const periods = having(PERIODS, limits.longestPeriodSeconds);
  if (!PERIODS.includes(wish.periodSeconds) || wish.periodSeconds > limits.longestPeriodSeconds) {
    say(at('periodSeconds'), `the plan ${plan} of the zone counts over ${periods} seconds`);
  }
  const timeouts = having(TIMEOUTS, limits.longestTimeoutSeconds);
  const isChallenge = wish.action === 'managed_challenge';
  if (!isChallenge && (!TIMEOUTS.includes(wish.timeoutSeconds) || wish.timeoutSeconds > limits.longestTimeoutSeconds)) {
    say(at('timeoutSeconds'), `the plan ${plan} of the zone holds off for ${timeouts} seconds`);
  }
  if (isChallenge && wish.timeoutSeconds !== 0) {
    say(at('timeoutSeconds'), 'must be 0 with a challenge: each request that is too much is challenged');
  }
  if (!/^\/[\w\-./~]*$/.test(wish.path)) say(at('path'), 'must begin with / and consist of letters, digits and -._~/');
  if (otherRateLimits >= limits.rateRules) {
    say(
      '#/rateLimit',
      `the plan ${plan} of the zone has ${limits.rateRules} such rules, and other sites of the zone have them`,
    );
  }
}

/** What should be known of a wish that can be had. */
export function notesOn(wanted: Protection, { plan, hostnames }: ProtectionPlace): string[] {
  const notes: string[] = [];
  if (wanted.rateLimit && !planLimits[plan].limitsByHost) {
    notes.push(
      `the plan ${plan} knows no host names in limits: requests to all host names of the zone of ${hostnames[0]} are counted`,
    );
  }
  if (wanted.rateLimit) notes.push('each of Cloudflare’s data centres counts for itself');
  if (wanted.underAttack) {
    notes.push(
      'programs such as feeds and payment services do not get through either: take it away when the attack is over',
    );
  }
  if (wanted.ip || wanted.underAttack)
    notes.push('what the site itself serves below /.well-known/berth/ is not held up');
  return notes;
}

const once = (texts: readonly string[]) => [...new Set(texts)].sort();
