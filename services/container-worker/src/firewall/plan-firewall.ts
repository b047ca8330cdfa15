import type { Firewall } from './firewall-rules.ts';

/** The chains of a table with their rules, as `iptables -S` lists them. */
type Listing = ReadonlyMap<string, readonly string[]>;

/**
 * What `iptables-restore --noflush` must be given so that the filter table holds the firewall, in one step without an open moment.
 * @param listed the output of `iptables -S`
 * @returns undefined when it holds it
 */
export function planFirewall(wanted: Firewall, listed: string): string | undefined {
  const listing = parseListing(listed);
  const chains = Object.entries(wanted.chains).filter(([chain, rules]) => !isEqual(listing.get(chain), rules));
  const hooks = wanted.hooks.flatMap((hook) => planHook(listing, hook));
  if (chains.length + hooks.length === 0) return undefined;
  const declared = chains.map(([chain]) => `:${chain} - [0:0]`);
  const rules = chains.flatMap(([chain, all]) => all.map((rule) => `-A ${chain} ${rule}`));
  return toTable([...declared, ...rules, ...hooks]);
}

/** What takes the firewall away again. @returns undefined when nothing of it is there */
export function planTeardown(wanted: Firewall, listed: string): string | undefined {
  const listing = parseListing(listed);
  const chains = Object.keys(wanted.chains).filter((chain) => listing.has(chain));
  const hooks = wanted.hooks.flatMap(({ rule }) => removals(listing, rule));
  if (chains.length + hooks.length === 0) return undefined;
  return toTable([...hooks, ...chains.map((chain) => `-F ${chain}`), ...chains.map((chain) => `-X ${chain}`)]);
}

/** The rule must stand once, in its place, and nothing before it may accept a packet. */
function planHook(listing: Listing, { parents, rule }: Firewall['hooks'][number]): string[] {
  const parent = parents.find((chain) => isPassed(listing, chain)) ?? parents.at(-1) ?? '';
  const everywhere = [...listing.values()].flat().filter((one) => one === rule).length;
  if (everywhere === 1 && isAhead(listing, parent, rule)) return [];
  return [...removals(listing, rule), `-I ${parent} 1 ${rule}`];
}

/** Whether all packets come through a chain of somebody else before anything has accepted them. */
function isPassed(listing: Listing, chain: string): boolean {
  if (chain !== 'DOCKER-USER') return true;
  return listing.has(chain) && isAhead(listing, 'FORWARD', `-j ${chain}`);
}

function isAhead(listing: Listing, parent: string, rule: string): boolean {
  const rules = listing.get(parent) ?? [];
  const place = rules.indexOf(rule);
  return place >= 0 && rules.slice(0, place).every((earlier) => !canAccept(listing, earlier));
}

/** Whether a rule, or what it leads to, accepts anything at all; who jumps in circles isn't followed twice. */
function canAccept(listing: Listing, rule: string, seen: readonly string[] = []): boolean {
  const target = / ?-[jg] (\S+)/.exec(rule)?.[1];
  if (target === undefined || seen.includes(target)) return false;
  if (target === 'ACCEPT') return true;
  return (listing.get(target) ?? []).some((next) => canAccept(listing, next, [...seen, target]));
}

function removals(listing: Listing, rule: string): string[] {
  return [...listing].flatMap(([chain, rules]) => rules.filter((one) => one === rule).map(() => `-D ${chain} ${rule}`));
}

function parseListing(text: string): Listing {
  const listing = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, kind, chain = '', rule = ''] = /^-([PNA]) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind === undefined) continue;
    const rules = listing.get(chain) ?? [];
    listing.set(chain, kind === 'A' ? [...rules, rule] : rules);
  }
  return listing;
}

function isEqual(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((rule, place) => rule === b[place]);
}

function toTable(lines: readonly string[]): string {
  return ['*filter', ...lines, 'COMMIT', ''].join('\n');
}
