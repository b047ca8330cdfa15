import { describe, expect, test } from 'vitest';
import { parseVisitorNetwork, type VisitorNetwork } from './visitor-network.ts';

function network(text: string): VisitorNetwork {
  const read = parseVisitorNetwork(text);
  if (!read.ok) throw new Error(read.problem.detail);
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
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.0/120', '192.0.2.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::fffe:0:0/95', '::fffe:0:0/95'],
    ['64:ff9b::c000:207', '64:ff9b::c000:207'],
  ])('reads %s as %s', (text, canonical) => {
    expect(network(text).text).toBe(canonical);
  });

  const problemOf = (text: string) => {
    const read = parseVisitorNetwork(text);
    return read.ok ? undefined : read.problem;
  };

  test.each([
    ['192.0.2.1/24', { network: '192.0.2.0/24', address: '192.0.2.1' }],
    ['2001:db8::1/32', { network: '2001:db8::/32', address: '2001:db8::1' }],
  ])('refuses %s, and names the network and the address', (given, { network, address }) => {
    expect(problemOf(given)).toEqual({
      code: 'ip.host-bits',
      values: { given, network, address },
      detail: `${given} is no network: write ${network} for the network, or ${address} for the address alone`,
    });
  });

  test.each([
    ['192.0.2.0/33', 32],
    ['2001:db8::/129', 128],
    ['192.0.2.0/', 32],
  ])('refuses %s, and tells how long it may be', (given, most) => {
    const detail = `${given} must have a length from 0 to ${most}`;
    expect(problemOf(given)).toEqual({ code: 'ip.bad-length', values: { given, most }, detail });
  });

  test.each(['192.0.2', '192.0.2.0/24/8', 'fe80::1%eth0', 'example.org', ''])('refuses %s', (given) => {
    const detail = `${given} must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32`;
    expect(problemOf(given)).toEqual({ code: 'ip.no-network', values: { given }, detail });
  });
});
