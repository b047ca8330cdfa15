import { BlockList, isIP, isIPv4 } from 'node:net';

/** Tells whether something may be sent to an address (IPv4 or IPv6, without a zone). */
export interface AddressGuard {
  /** whether it is on the public Internet, or among those allowed by name */
  mayConnect(address: string): boolean;
  /** whether it is among those allowed by name: only there a plain `http:` does */
  isAllowedPrivate(address: string): boolean;
  /** whether any address was allowed by name */
  readonly allowsPrivate: boolean;
}

/** A network by its address and prefix length. */
export interface Network {
  address: string;
  prefix: number;
}

/** IANA's special-purpose registries: everything that isn't one machine on the public Internet. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Of IPv6 only 2000::/3 is public, and these of it aren't: Teredo and its like, documentation, 6to4. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const notPublic = listOf([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V6].map((text) => parseNetwork(text)));
const global6 = listOf([parseNetwork('2000::/3')]);

/** @param allowed private networks that may be connected to all the same */
export function makeAddressGuard(allowed: readonly Network[]): AddressGuard {
  const list = listOf(allowed);
  const isAllowedPrivate = (address: string) => isIP(address) !== 0 && contains(list, address);
  return {
    mayConnect: (address) => isPublic(address) || isAllowedPrivate(address),
    isAllowedPrivate,
    allowsPrivate: allowed.length > 0,
  };
}

/** @returns undefined for what is neither an address nor a network such as `10.0.0.0/8` */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...surplus] = text.trim().split('/');
  const family = isIP(address);
  if (family === 0 || surplus.length > 0) return undefined;
  const longest = family === 4 ? 32 : 128;
  if (bits === undefined) return { address, prefix: longest };
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  return prefix >= 0 && prefix <= longest ? { address, prefix } : undefined;
}

function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 0 || contains(notPublic, address)) return false;
  return family === 4 || contains(global6, address);
}

function listOf(networks: readonly (Network | undefined)[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    if (network) list.addSubnet(network.address, network.prefix, isIPv4(network.address) ? 'ipv4' : 'ipv6');
  }
  return list;
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
