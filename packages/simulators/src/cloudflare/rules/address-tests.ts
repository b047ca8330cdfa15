import { BlockList, isIP } from 'node:net';
import { ExpressionError } from './tokens.ts';

type AddressTest = (address: string) => boolean;

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Whether an address is this one. @throws ExpressionError */
export function addressTest(text: string): AddressTest {
  if (isIP(text) === 0) throw new ExpressionError(`Filter parsing error: couldn't parse address ${text}`);
  return testOf((list) => list.addAddress(text, familyOf(text)));
}

/** Whether an address is in a network, or is this address. @throws ExpressionError also for a network with host bits */
export function networkTest(text: string): AddressTest {
  const [address = '', length, more] = text.split('/');
  if (length === undefined) return addressTest(text);
  const bits = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || more !== undefined || !/^\d{1,3}$/.test(length) || Number(length) > bits) {
    throw new ExpressionError(`Filter parsing error: couldn't parse network ${text}`);
  }
  if (hasHostBits(address, Number(length), bits)) {
    throw new ExpressionError(`Filter parsing error: host part of address was not zero in ${text}`);
  }
  return testOf((list) => list.addSubnet(address, Number(length), familyOf(address)));
}

export function isIn(tests: readonly AddressTest[], address: string): boolean {
  return tests.some((test) => test(address));
}

function testOf(fill: (list: BlockList) => void): AddressTest {
  const list = new BlockList();
  fill(list);
  return (address) => list.check(address, familyOf(address));
}

/** A network's last address bits must all be zero. */
function hasHostBits(address: string, length: number, bits: number): boolean {
  return numberOf(address) % (1n << BigInt(bits - length)) !== 0n;
}

function numberOf(address: string): bigint {
  if (isIP(address) === 4) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [first, last] = [groups(head), groups(tail)];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...middle, ...last].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}
