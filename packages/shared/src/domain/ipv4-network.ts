/** A range of IPv4 addresses, first and last included, as numbers. */
export interface Ipv4Network {
  first: number;
  last: number;
}

/** Reads `10.200.0.0/16`; an address alone is a network of one. Undefined for anything else, IPv6 included. */
export function readIpv4Network(text: string): Ipv4Network | undefined {
  const [, address = '', bits = '32'] = /^((?:\d{1,3}\.){3}\d{1,3})(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  const octets = address.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => octet > 255) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}

/** Whether two networks have an address in common; what isn't an IPv4 network has none. */
export function doNetworksOverlap(one: string, other: string): boolean {
  const [a, b] = [readIpv4Network(one), readIpv4Network(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

/** The network by its first address, with the length of its prefix: `192.168.77.128/25`. */
export function showIpv4Network({ first, last }: Ipv4Network): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join('.')}/${32 - Math.log2(last - first + 1)}`;
}
