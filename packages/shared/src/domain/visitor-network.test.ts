import { describe, expect, test } from 'vitest';
import { parseVisitorNetwork, type VisitorNetwork } from './visitor-network.ts';

function network(text: string): VisitorNetwork {
  const read = parseVisitorNetwork(text);
  if (!read.ok) throw new Error(read.problem);
  return read.value;
}

describe('parseVisitorNetwork', () => {
  test.each([
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7/32', '192.0.2.7'],
    [' 10.0.0.0/8 ', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0::/32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1'],
    ['::/0', '::/0'],
    ['2001:db8:1:2:3:4:5:6/128', '2001:db8:1:2:3:4:5:6'],
  ])('reads %s as %s', (text, canonical) => {
    expect(network(text).text).toBe(canonical);
  });

  test.each([
    ['192.0.2.1/24', 'is no network: write 192.0.2.0/24 for the network, or 192.0.2.1 for the address alone'],
    ['2001:db8::1/32', 'is no network: write 2001:db8::/32 for the network, or 2001:db8::1 for the address alone'],
    ['192.0.2.0/33', 'must have a length from 0 to 32'],
    ['2001:db8::/129', 'must have a length from 0 to 128'],
    ['192.0.2.0/', 'must have a length from 0 to 32'],
    ['192.0.2', 'must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32'],
    ['192.0.2.0/24/8', 'must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32'],
    ['fe80::1%eth0', 'must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32'],
    ['example.org', 'must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32'],
    ['', 'must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32'],
  ])('refuses %s', (text, problem) => {
    expect(parseVisitorNetwork(text)).toEqual({ ok: false, problem });
  });
});
