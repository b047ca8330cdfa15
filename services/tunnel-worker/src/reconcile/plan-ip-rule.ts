import type { VisitorNetwork } from '@berth/shared/domain/visitor-network';

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

/** How a site's rule is found in a zone again; it says nothing about the customer. */
export function ipRuleRef(slug: string): string {
  return `berth-${slug}-ip`;
}

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
    expression: `http.host in ${setOf([...hostnames].sort().map(quoted))} and (${unwanted.join(' or ')})`,
    description: `berth ${slug}: visitors by address`,
    enabled: true,
    ref: ipRuleRef(slug),
  };
}

/** In one order whatever it was given in, so that what stands can be compared by its text. */
const setOf = (values: readonly string[]) => `{${[...new Set(values)].sort().join(' ')}}`;
const quoted = (text: string) => `"${text}"`;
