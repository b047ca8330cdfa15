import { describe, expect, test } from 'vitest';
import { parseEgress } from './parse-egress.ts';

describe('parseEgress', () => {
  test('reads nothing as nothing', () => {
    expect(parseEgress('')).toEqual([]);
    expect(parseEgress(' , ')).toEqual([]);
  });

  test('reads addresses, networks, and ports of them', () => {
    expect(parseEgress('10.0.5.7, 10.1.0.0/16,10.0.5.7:5432, 10.0.0.2:53/udp')).toEqual([
      { network: '10.0.5.7/32', port: undefined },
      { network: '10.1.0.0/16', port: undefined },
      { network: '10.0.5.7/32', port: { number: 5432, protocol: 'tcp' } },
      { network: '10.0.0.2/32', port: { number: 53, protocol: 'udp' } },
    ]);
  });

  test('names a network by its first address, as iptables lists it', () => {
    expect(parseEgress('192.168.77.130/25')).toEqual([{ network: '192.168.77.128/25', port: undefined }]);
    expect(parseEgress('255.255.255.255')).toEqual([{ network: '255.255.255.255/32', port: undefined }]);
  });

  test.each([
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '0.0.0.0/0',
    '10.0.0.1:0',
    '10.0.0.1:70000',
    'db.local',
    'fd00::1',
    '10.0.0.1:53/icmp',
  ])('does not read %s', (text) => {
    expect(parseEgress(`10.0.0.1,${text}`)).toBeUndefined();
  });
});
