import { describe, expect, test } from 'vitest';
import { makeAddressGuard, parseNetwork } from './private-address.ts';

const strict = makeAddressGuard([]);

describe('an address guard', () => {
  test.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2002:7f00:1::',
    '2001:0:1::1',
    '2001:db8::1',
    'localhost',
    '',
    '127.1',
  ])('keeps %s from being connected to', (address) => {
    expect(strict.mayConnect(address)).toBe(false);
  });

  test.each(['1.1.1.1', '172.32.0.1', '8.8.8.8', '2606:4700::1111', '2a00:1450:4001::1'])('lets %s be', (address) => {
    expect(strict.mayConnect(address)).toBe(true);
    expect(strict.isAllowedPrivate(address)).toBe(false);
  });

  test('lets the private networks be that were named, and no other', () => {
    const guard = makeAddressGuard([
      { address: '10.20.0.0', prefix: 16 },
      { address: '::1', prefix: 128 },
    ]);
    expect(guard.mayConnect('10.20.3.4')).toBe(true);
    expect(guard.isAllowedPrivate('::1')).toBe(true);
    expect(guard.mayConnect('10.21.0.1')).toBe(false);
    expect(guard.mayConnect('127.0.0.1')).toBe(false);
  });
});

describe('parseNetwork', () => {
  test('takes an address or a network', () => {
    expect(parseNetwork('10.0.0.0/8')).toEqual({ address: '10.0.0.0', prefix: 8 });
    expect(parseNetwork(' ::1 ')).toEqual({ address: '::1', prefix: 128 });
  });

  test.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/-1', '10.0/8', '::/129', '10.0.0.0/'])(
    'takes no %j',
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );
});
