import { describe, expect, test } from 'vitest';
import { shortenAddress } from './shorten-address.ts';

const usual = { ipv4: 24, ipv6: 48 };

describe('shortenAddress', () => {
  test.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['255.255.255.255', '255.255.255.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:DB8::1', '2001:db8::/48'],
    ['::1', '::/48'],
  ])('leaves of %s its network', (address, network) => {
    expect(shortenAddress(address, usual)).toBe(network);
  });

  test.each([
    [{ ipv4: 20, ipv6: 44 }, '192.0.255.255', '192.0.240.0/20'],
    [{ ipv4: 32, ipv6: 128 }, '192.0.2.77', '192.0.2.77/32'],
    [{ ipv4: 20, ipv6: 44 }, '2001:db8:ffff::1', '2001:db8:fff0::/44'],
    [{ ipv4: 32, ipv6: 128 }, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6/128'],
    [{ ipv4: 32, ipv6: 128 }, '2001:db8:1:2:3:4:5:0', '2001:db8:1:2:3:4:5::/128'],
  ])('keeps as many bits as it is told to: %o', (bits, address, network) => {
    expect(shortenAddress(address, bits)).toBe(network);
  });

  test('keeps nothing when no bit is to be kept', () => {
    expect(shortenAddress('192.0.2.77', { ipv4: 0, ipv6: 48 })).toBeNull();
    expect(shortenAddress('2001:db8::1', { ipv4: 24, ipv6: 0 })).toBeNull();
  });

  test.each(['', 'localhost', '192.0.2', '192.0.2.256', '1:2:3', '1::2::3', '2001:db8::g'])(
    'keeps nothing of %o',
    (text) => {
      expect(shortenAddress(text, usual)).toBeNull();
    },
  );
});
