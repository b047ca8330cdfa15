import type { RateLimitWanted } from './protection.ts';
import type { VisitorNetwork } from './visitor-network.ts';

/** From where a site may be visited. */
export interface IpWish {
  /** from nowhere else, where there is any */
  allow: readonly VisitorNetwork[];
  block: readonly VisitorNetwork[];
  /** two letters each */
  blockCountries: readonly string[];
}

/** A custom rule of a zone, as Cloudflare has it. */
export interface IpRule {
  action: 'block';
  expression: string;
  description: string;
  enabled: true;
  ref: string;
}

/** A rule that counts, as Cloudflare has it. */
export interface RateRule {
  action: RateLimitWanted['action'];
  expression: string;
  description: string;
  enabled: true;
  ref: string;
  ratelimit: {
    characteristics: string[];
    period: number;
    requests_per_period: number;
    mitigation_timeout: number;
  };
}

/** A rule by which other settings hold than those of the zone, as Cloudflare has it. */
export interface AttackRule {
  action: 'set_config';
  action_parameters: { security_level: 'under_attack' };
  expression: string;
  description: string;
  enabled: true;
  ref: string;
}

/** Cloudflare takes expressions up to this many characters. */
export const EXPRESSION_MAX = 4096;

/** How a site's rule is found in a zone again; it says nothing about the customer. */
export function ipRuleRef(slug: string): string {
  return `berth-${slug}-ip`;
}

export function rateRuleRef(slug: string): string {
  return `berth-${slug}-rate`;
}

export function attackRuleRef(slug: string): string {
  return `berth-${slug}-attack`;
}

/**
 * Where Berth looks whether a site is there, whoever may visit it (ADR 0020): what a container itself serves below it, all can see. A path
 * with dots or percent signs is none of those that Berth asks for, and could be read as another one behind the edge.
 */
const PROOF =
  'starts_with(http.request.uri.path, "/.well-known/berth/") and not http.request.uri.path contains ".." and not http.request.uri.path contains "%"';

/**
 * The one rule that holds up whom a site doesn't want: it only ever blocks. A list of the blocked as a rule that lets others pass would take
 * them past all further rules of the zone. Undefined where nothing is wished for.
 */
export function planIpRule(slug: string, hostnames: readonly string[], wish: IpWish): IpRule | undefined {
  const { allow, block, blockCountries } = wish;
  const unwanted = [
    ...(block.length > 0 ? [`ip.src in ${setOf(block.map(({ text }) => text))}`] : []),
    ...(blockCountries.length > 0 ? [`ip.src.country in ${setOf(blockCountries.map(quoted))}`] : []),
    ...(allow.length > 0 ? [`not ip.src in ${setOf(allow.map(({ text }) => text))}`] : []),
  ];
  if (unwanted.length === 0) return undefined;
  return {
    action: 'block',
    expression: `http.host in ${setOf([...hostnames].sort().map(quoted))} and (${unwanted.join(' or ')}) and not (${PROOF})`,
    description: `berth ${slug}: visitors by address`,
    enabled: true,
    ref: ipRuleRef(slug),
  };
}

/** The data centre must be among what is counted by: Cloudflare counts in each for itself. */
const COUNTED_BY = ['cf.colo.id', 'ip.src'];

/**
 * The rule that holds off an address which asks too often.
 * @param limitsByHost false: the plan knows no host names there, and all of the zone are counted
 */
export function planRateRule(
  slug: string,
  hostnames: readonly string[],
  wish: RateLimitWanted,
  limitsByHost: boolean,
): RateRule {
  const path = `starts_with(http.request.uri.path, ${quoted(wish.path)})`;
  const hosts = `http.host in ${setOf([...hostnames].sort().map(quoted))} and `;
  return {
    action: wish.action,
    expression: `${limitsByHost ? hosts : ''}${path}`,
    description: `berth ${slug}: requests of one address`,
    enabled: true,
    ref: rateRuleRef(slug),
    ratelimit: {
      characteristics: COUNTED_BY,
      period: wish.periodSeconds,
      requests_per_period: wish.requests,
      mitigation_timeout: wish.timeoutSeconds,
    },
  };
}

/**
 * The rule by which whoever visits a site is looked at first. It sets the level of these host names alone: that of the zone, which other
 * sites share and people change by hand, stays as it is.
 */
export function planAttackRule(slug: string, hostnames: readonly string[]): AttackRule {
  return {
    action: 'set_config',
    action_parameters: { security_level: 'under_attack' },
    expression: `http.host in ${setOf([...hostnames].sort().map(quoted))} and not (${PROOF})`,
    description: `berth ${slug}: under attack`,
    enabled: true,
    ref: attackRuleRef(slug),
  };
}

/** In one order whatever it was given in, so that what stands can be compared by its text. */
const setOf = (values: readonly string[]) => `{${[...new Set(values)].sort().join(' ')}}`;
const quoted = (text: string) => `"${text}"`;
