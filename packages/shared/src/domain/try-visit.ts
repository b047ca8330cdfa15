import type { ElsewhereCode, VisitCode, VisitOutcome, VisitPart, VisitVerdict } from '@berth/contract/visit-words';
import type { AccessWanted, IpWanted, Protection, RateLimitWanted } from './protection.ts';
import { coveredBy, parseVisitorNetwork, type VisitorNetwork } from './visitor-network.ts';

/** What is known of somebody who would visit. */
export interface TriedVisit {
  address?: string | undefined;
  /** two letters; which one an address is of, only Cloudflare knows */
  country?: string | undefined;
  /** who has signed in */
  email?: string | undefined;
  /** the id of a service token that is shown */
  serviceToken?: string | undefined;
}

/** What one part says, in the order in which the edge asks them. */
export interface VisitStep {
  part: VisitPart;
  outcome: VisitOutcome;
  code: VisitCode;
  /** a sentence */
  detail: string;
  /** the entry of a list that decided; null: none */
  match: string | null;
}

export interface VisitAnswer {
  /** `signs-in`: is asked who they are · `refused`: has signed in, and isn't meant · `unknown`: depends on what wasn't told */
  verdict: VisitVerdict;
  /** up to the one that stops */
  steps: VisitStep[];
}

/** Where applications of Access that Berth did not make decide, as they were last seen. */
export interface OtherApplications {
  /** `mustermann.de/admin` */
  paths: readonly string[];
  /** one has a host name of the site, and so keeps Berth's from being made */
  haveHostname: boolean;
}

/** One of them, in words. */
export interface DecidedElsewhere {
  code: ElsewhereCode;
  path: string | null;
  /** a sentence */
  detail: string;
}

/**
 * Whether somebody would get in under a protection, and why; and where somebody else's application decides, which is asked in place of Berth's:
 * it doesn't matter to whom another part stops before.
 */
export function tryVisit(
  protection: Protection,
  visit: TriedVisit,
  others: OtherApplications = { paths: [], haveHostname: false },
): VisitAnswer & { elsewhere: DecidedElsewhere[] } {
  const answer = askAll(protection, visit);
  const isAsked = answer.steps.some(({ part }) => part === 'access');
  return { ...answer, elsewhere: isAsked ? tellElsewhere(others) : [] };
}

function tellElsewhere({ paths, haveHostname }: OtherApplications): DecidedElsewhere[] {
  const whole =
    'an application of Access that Berth did not make guards a host name of the site: until it is removed, it decides there';
  return [
    ...(haveHostname ? [{ code: 'hostname', path: null, detail: whole } as const] : []),
    ...paths.map((path) => {
      const detail = `on ${path} another application of Access decides who gets in: what is said here is not true of it`;
      return { code: 'path', path, detail } as const;
    }),
  ];
}

function askAll(protection: Protection, visit: TriedVisit): VisitAnswer {
  const steps: VisitStep[] = [askIp(protection.ip, visit)];
  if (steps[0]?.outcome === 'stops') return { verdict: 'blocked', steps };
  if (protection.underAttack) {
    const looked = lookAt(visit);
    steps.push(looked);
    if (looked.outcome === 'stops') return { verdict: 'blocked', steps };
  }
  if (protection.rateLimit) steps.push(tellRate(protection.rateLimit));
  const access = askAccess(protection.access, visit);
  steps.push(access);
  if (access.outcome === 'stops') return { verdict: 'refused', steps };
  if (steps.some(({ outcome }) => outcome === 'unknown')) return { verdict: 'unknown', steps };
  return { verdict: access.outcome === 'asks' ? 'signs-in' : 'enters', steps };
}

function askIp(wanted: IpWanted | null, { address, country }: TriedVisit): VisitStep {
  const say = (code: VisitStep['code'], outcome: VisitStep['outcome'], detail: string, match: string | null = null) =>
    ({ part: 'ip', outcome, code, detail, match }) as const;
  if (!wanted) return say('ip.open', 'passes', 'every address may visit');
  const { allow, block, blockCountries } = wanted;
  const from = address === undefined ? undefined : read(address);
  const blockedBy = from && block.find((one) => isIn(one, from));
  if (blockedBy) return say('ip.blocked', 'stops', `${address} is blocked by ${blockedBy}`, blockedBy);
  const where = country?.toUpperCase();
  if (where !== undefined && blockCountries.includes(where)) {
    return say('ip.country-blocked', 'stops', `visitors from ${where} are blocked`, where);
  }
  const allowedBy = from && allow.find((one) => isIn(one, from));
  if (from && allow.length > 0 && !allowedBy) {
    return say('ip.not-allowed', 'stops', `${address} is in none of the networks that are allowed`);
  }
  if (!from && allow.length + block.length > 0) {
    return say('ip.address-unknown', 'unknown', 'it depends on the address, which was not told');
  }
  if (where === undefined && blockCountries.length > 0) {
    const countries = blockCountries.join(', ');
    return say('ip.country-unknown', 'unknown', `it depends on the country: visitors from ${countries} are blocked`);
  }
  if (allowedBy) return say('ip.allowed', 'passes', `${address} is allowed by ${allowedBy}`, allowedBy);
  return say('ip.not-blocked', 'passes', 'nothing blocks this address');
}

/** A browser gets through by itself after some seconds; a program has nothing to show there. */
function lookAt({ serviceToken }: TriedVisit): VisitStep {
  const say = (code: VisitStep['code'], outcome: VisitStep['outcome'], detail: string) =>
    ({ part: 'underAttack', outcome, code, detail, match: null }) as const;
  return serviceToken === undefined
    ? say('attack.looked-at', 'passes', 'every visitor is looked at first: a browser waits for some seconds')
    : say('attack.program', 'stops', 'every visitor is looked at first, and programs do not get through');
}

function tellRate({ requests, periodSeconds, timeoutSeconds, path, action }: RateLimitWanted): VisitStep {
  const then = action === 'block' ? `is held off for ${timeoutSeconds} s` : 'is challenged';
  const detail = `after ${requests} requests of paths that begin with ${path} within ${periodSeconds} s an address ${then}`;
  return { part: 'rateLimit', outcome: 'passes', code: 'rate.counted', detail, match: null };
}

function askAccess(wanted: AccessWanted | null, { email, serviceToken }: TriedVisit): VisitStep {
  const say = (code: VisitStep['code'], outcome: VisitStep['outcome'], detail: string, match: string | null = null) =>
    ({ part: 'access', outcome, code, detail, match }) as const;
  if (!wanted) return say('access.open', 'passes', 'nobody has to sign in');
  const { emails, emailDomains, groups, serviceTokens } = wanted;
  if (serviceToken !== undefined && serviceTokens.includes(serviceToken)) {
    return say('access.service-token', 'passes', 'the service token lets pass', serviceToken);
  }
  const who = email?.toLowerCase();
  if (who !== undefined && emails.includes(who)) return say('access.email', 'passes', `${who} may enter`, who);
  const domain = who?.slice(who.lastIndexOf('@') + 1);
  if (domain !== undefined && emailDomains.includes(domain)) {
    return say('access.email-domain', 'passes', `everybody with an address of ${domain} may enter`, domain);
  }
  if (emails.length + emailDomains.length + groups.length === 0) {
    return say('access.not-meant', 'stops', 'only programs with a service token may enter');
  }
  if (who === undefined) return say('access.sign-in', 'asks', 'whoever visits is asked to sign in');
  if (groups.length > 0) {
    return say('access.group-unknown', 'unknown', 'it depends on groups, whose members only Cloudflare knows');
  }
  return say('access.not-meant', 'stops', `${who} is not among those who may enter`);
}

/** What was stored was read before, and an address by who asks. */
function read(text: string): VisitorNetwork | undefined {
  const network = parseVisitorNetwork(text);
  return network.ok ? network.value : undefined;
}

function isIn(network: string, address: VisitorNetwork): boolean {
  const outer = read(network);
  return outer !== undefined && coveredBy(address, [outer]);
}
