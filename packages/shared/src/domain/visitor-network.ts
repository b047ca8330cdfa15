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
  return { ok: true, value: { family, first, prefix, text: write(family, first, prefix) } };
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
