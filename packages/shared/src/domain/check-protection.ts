import type { AccessWanted, IpWanted, Protection, RateLimitWanted } from './protection.ts';
import { type NoteCode, type ProblemCode, type Said, sayNote, sayProblem } from './protection-texts.ts';
import { coveredBy, parseVisitorNetwork, type VisitorNetwork } from './visitor-network.ts';
import { EXPRESSION_MAX, type IpWish, planIpRule } from './visitor-rules.ts';
import { planLimits, type ZonePlan } from './zone-plan.ts';

/** What is wrong with one field of a wish. */
export interface ProtectionProblem extends Said<ProblemCode> {
  /** RFC 6901, with a leading `#` */
  pointer: string;
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
  const say: Say = (pointer, said) => problems.push({ pointer, ...said });
  const wanted: Protection = {
    access: wish.access && checkAccess(wish.access, place, say),
    ip: wish.ip && checkIp(wish.ip, place, say),
    rateLimit: wish.rateLimit,
    underAttack: wish.underAttack,
  };
  if (wish.rateLimit) checkRateLimit(wish.rateLimit, place, say);
  return { wanted, problems };
}

type Say = (pointer: string, said: Said<ProblemCode>) => void;

const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;

function checkAccess(wish: AccessWanted, { hostnames }: ProtectionPlace, say: Say): AccessWanted {
  const emailDomains = wish.emailDomains.map((text) => text.toLowerCase().replace(/^@/, ''));
  for (const [index, given] of wish.emailDomains.entries()) {
    if (DOMAIN.test(emailDomains[index] ?? '')) continue;
    say(`#/access/emailDomains/${index}`, sayProblem('access.no-domain', { given }));
  }
  const wanted: AccessWanted = {
    emails: once(wish.emails.map((text) => text.toLowerCase())),
    emailDomains: once(emailDomains),
    groups: once(wish.groups),
    serviceTokens: once(wish.serviceTokens),
    sessionHours: wish.sessionHours,
  };
  const who = [wanted.emails, wanted.emailDomains, wanted.groups, wanted.serviceTokens];
  if (who.every((list) => list.length === 0)) say('#/access', sayProblem('access.nobody', {}));
  if (hostnames.length > HOSTNAMES_MAX) {
    const values = { most: HOSTNAMES_MAX, hostnames: hostnames.length };
    say('#/access', sayProblem('access.too-many-hostnames', values));
  }
  return wanted;
}

function checkIp(wish: IpWanted, place: ProtectionPlace, say: Say): IpWanted | null {
  const allow = parseNetworks(wish.allow, '#/ip/allow', say);
  const block = parseNetworks(wish.block, '#/ip/block', say);
  mustLeaveSome(allow, '#/ip/allow', 'ip.allows-everybody', say);
  mustLeaveSome(block, '#/ip/block', 'ip.blocks-everybody', say);
  const blockCountries = once(wish.blockCountries.map((code) => code.toUpperCase()));
  for (const [index, given] of wish.blockCountries.entries()) {
    if (isCountry(given.toUpperCase())) continue;
    say(`#/ip/blockCountries/${index}`, sayProblem('ip.no-country', { given }));
  }
  if (allow.length > 0 && allow.every((one) => coveredBy(one, block))) {
    say('#/ip/allow', sayProblem('ip.all-blocked', {}));
  }
  const networks: IpWish = { allow, block, blockCountries };
  const { length = 0 } = planIpRule(place.slug, place.hostnames, networks)?.expression ?? {};
  if (length > EXPRESSION_MAX) say('#/ip', sayProblem('ip.rule-too-long', { length, most: EXPRESSION_MAX }));
  if (allow.length + block.length + blockCountries.length === 0) return null;
  return { allow: once(allow.map(({ text }) => text)), block: once(block.map(({ text }) => text)), blockCountries };
}

const EVERYBODY = [
  { family: 4, first: 0n, prefix: 0, text: '0.0.0.0/0' },
  { family: 6, first: 0n, prefix: 0, text: '::/0' },
] as const satisfies readonly VisitorNetwork[];

/** All of a family at once, or in parts such as its two halves. */
function mustLeaveSome(
  networks: readonly VisitorNetwork[],
  pointer: string,
  code: 'ip.allows-everybody' | 'ip.blocks-everybody',
  say: Say,
): void {
  for (const everybody of EVERYBODY) {
    if (!coveredBy(everybody, networks)) continue;
    const whole = networks.findIndex(({ family, prefix }) => family === everybody.family && prefix === 0);
    const at = whole < 0 ? pointer : `${pointer}/${whole}`;
    say(at, sayProblem(code, { network: everybody.text }));
  }
}

function parseNetworks(texts: readonly string[], pointer: string, say: Say): VisitorNetwork[] {
  return texts.flatMap((text, index) => {
    const read = parseVisitorNetwork(text);
    if (read.ok) return [read.value];
    say(`${pointer}/${index}`, read.problem);
    return [];
  });
}

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const TOR = 'T1';

/** What has a name and two letters, and no visitor comes from: a rule about it would hold up nobody. */
const NO_COUNTRIES = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ']);

function isCountry(code: string): boolean {
  if (code === TOR) return true;
  if (!/^[A-Z]{2}$/.test(code) || NO_COUNTRIES.has(code) || names.of(code) === undefined) return false;
  // A former or another code of a country, such as UK for GB.
  return new Intl.Locale(`und-${code}`).region === code;
}

function checkRateLimit(wish: RateLimitWanted, { plan, otherRateLimits }: ProtectionPlace, say: Say): void {
  const limits = planLimits[plan];
  const at = (field: keyof RateLimitWanted) => `#/rateLimit/${field}`;
  const having = (all: readonly number[], most: number) => all.filter((one) => one <= most).join(', ');
  const periods = having(PERIODS, limits.longestPeriodSeconds);
  if (!PERIODS.includes(wish.periodSeconds) || wish.periodSeconds > limits.longestPeriodSeconds) {
    say(at('periodSeconds'), sayProblem('rate.period', { plan, seconds: periods }));
  }
  const timeouts = having(TIMEOUTS, limits.longestTimeoutSeconds);
  const isChallenge = wish.action === 'managed_challenge';
  if (!isChallenge && (!TIMEOUTS.includes(wish.timeoutSeconds) || wish.timeoutSeconds > limits.longestTimeoutSeconds)) {
    say(at('timeoutSeconds'), sayProblem('rate.timeout', { plan, seconds: timeouts }));
  }
  if (isChallenge && wish.timeoutSeconds !== 0) {
    say(at('timeoutSeconds'), sayProblem('rate.timeout-of-challenge', {}));
  }
  if (!/^\/[\w\-./~]*$/.test(wish.path)) say(at('path'), sayProblem('rate.path', {}));
  if (otherRateLimits >= limits.rateRules) {
    say('#/rateLimit', sayProblem('rate.none-left', { plan, most: limits.rateRules }));
  }
}

/** What should be known of a wish that can be had. */
export function notesOn(wanted: Protection, { plan, hostnames }: ProtectionPlace): Said<NoteCode>[] {
  const notes: Said<NoteCode>[] = [];
  if (wanted.rateLimit && !planLimits[plan].limitsByHost) {
    notes.push(sayNote('rate.whole-zone', { plan, hostname: hostnames[0] ?? '' }));
  }
  if (wanted.rateLimit) notes.push(sayNote('rate.each-data-centre', {}));
  if (wanted.underAttack) notes.push(sayNote('attack.programs', {}));
  return notes;
}

const once = (texts: readonly string[]) => [...new Set(texts)].sort();
