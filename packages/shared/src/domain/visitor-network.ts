import { isIP } from 'node:net';
import { type ProblemCode, type Said, sayProblem } from './protection-texts.ts';

/** A network of visitors' addresses, of either family. */
export interface VisitorNetwork {
  family: 4 | 6;
  /** its first address, as a number */
  first: bigint;
  prefix: number;
  /** as it is written: `192.0.2.0/24`, and an address alone without its length */
  text: string;
}

/** A network that was read, or what is wrong with its text. */
export type NetworkRead = { ok: true; value: VisitorNetwork } | { ok: false; problem: Said<ProblemCode> };

const BITS = { 4: 32, 6: 128 } as const;

/**
 * A network or an address. One with host bits is refused, as Cloudflare refuses it: whether the network or the address was meant can't be
 * told, and the answer names both.
 */
export function parseVisitorNetwork(text: string): NetworkRead {
  const given = text.trim();
  const [address = '', length, ...more] = given.split('/');
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || more.length > 0 || address.includes('%')) {
    return { ok: false, problem: sayProblem('ip.no-network', { given }) };
  }
  const bits = BITS[family];
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > bits)) {
    return { ok: false, problem: sayProblem('ip.bad-length', { given, most: bits }) };
  }
  const prefix = length === undefined ? bits : Number(length);
  const value = toNumber(address);
  const first = (value >> BigInt(bits - prefix)) << BigInt(bits - prefix);
  if (first !== value) {
    const network = write(family, first, prefix);
    return { ok: false, problem: sayProblem('ip.host-bits', { given, network, address }) };
  }
  return { ok: true, value: toVisitors(family, first, prefix) };
}

/** What stands before an IPv4 address that is written as one of IPv6 (RFC 4291, 2.5.5.2): `::ffff:192.0.2.7`. */
const MAPPED = { prefix: 96, first: 0xffffn };

/** The edge sees visitors by IPv4 as such: a rule about them in the other family would hold up nobody. */
function toVisitors(family: 4 | 6, first: bigint, prefix: number): VisitorNetwork {
  if (family === 6 && prefix >= MAPPED.prefix && first >> 32n === MAPPED.first) {
    return toVisitors(4, first & 0xffff_ffffn, prefix - MAPPED.prefix);
  }
  return { family, first, prefix, text: write(family, first, prefix) };
}

/** Whether each address of `inner` is in one of `outer`, also where it takes several of them. */
export function coveredBy(
  inner: Pick<VisitorNetwork, 'family' | 'first' | 'prefix'>,
  outer: readonly VisitorNetwork[],
): boolean {
  const size = ({ family, prefix }: Pick<VisitorNetwork, 'family' | 'prefix'>) => 1n << BigInt(BITS[family] - prefix);
  const end = inner.first + size(inner);
  let next = inner.first;
  const sameFamily = outer.filter(({ family }) => family === inner.family);
  for (const one of sameFamily.sort((a, b) => (a.first < b.first ? -1 : 1))) {
    if (one.first > next) return false;
    const after = one.first + size(one);
    if (after > next) next = after;
    if (next >= end) return true;
  }
  return false;
}

function toNumber(address: string): bigint {
  if (!address.includes(':')) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const groups = groupsOf(address);
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** The eight groups of an IPv6 address; the URL parser knows all ways of writing one. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array.from({ length: missing }, () => '0'), ...last];
}

function write(family: 4 | 6, first: bigint, prefix: number): string {
  const address = family === 4 ? write4(first) : write6(first);
  return prefix === BITS[family] ? address : `${address}/${prefix}`;
}

const write4 = (value: bigint) => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');

function write6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 65_535n).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
