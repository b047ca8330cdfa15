import { describe, expect, test } from 'vitest';
import { doNetworksOverlap, readIpv4Network, showIpv4Network } from './ipv4-network.ts';

describe('readIpv4Network', () => {
  test('reads a network, also from an address within it, and an address alone', () => {
    expect(readIpv4Network('10.0.0.0/8')).toEqual({ first: 0x0a000000, last: 0x0affffff });
    expect(readIpv4Network('10.200.1.7/16')).toEqual({ first: 0x0ac80000, last: 0x0ac8ffff });
    expect(readIpv4Network('255.255.255.255')).toEqual({ first: 0xffffffff, last: 0xffffffff });
  });

  test.each(['', 'fd00::/8', '10.0.0/8', '10.0.0.256/8', '10.0.0.0/33', 'default'])('reads nothing of %j', (text) => {
    expect(readIpv4Network(text)).toBeUndefined();
  });
});

describe('doNetworksOverlap', () => {
  test.each([
    ['10.200.0.0/16', '10.200.255.240/28', true],
    ['10.200.0.0/16', '10.0.0.0/8', true],
    ['10.200.0.0/16', '10.201.0.0/16', false],
    ['10.200.0.0/16', 'fd00::/8', false],
  ])('%s and %s: %s', (one, other, overlap) => {
    expect(doNetworksOverlap(one, other)).toBe(overlap);
    expect(doNetworksOverlap(other, one)).toBe(overlap);
  });
});

describe('showIpv4Network', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.5.7', '10.0.5.7/32'],
    ['192.168.77.130/25', '192.168.77.128/25'],
    ['255.255.255.255', '255.255.255.255/32'],
    ['200.1.2.3/0', '0.0.0.0/0'],
  ])('names the network of %s by its first address', (text, shown) => {
    const network = readIpv4Network(text);
    expect(network && showIpv4Network(network)).toBe(shown);
  });
});
