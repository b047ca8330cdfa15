import { parseVisitorNetwork } from '@berth/shared/domain/visitor-network';
import { type IpWish, planIpRule } from '@berth/shared/domain/visitor-rules';
import { compileExpression } from '@berth/simulators/cloudflare/rules/expression';
import { describe, expect, test } from 'vitest';

const hostnames = ['shop.example', 'www.shop.example'];
const networks = (...texts: string[]) =>
  texts.map((text) => {
    const read = parseVisitorNetwork(text);
    if (!read.ok) throw new Error(read.problem.detail);
    return read.value;
  });
const plan = (wish: Partial<IpWish>) =>
  planIpRule('abc', hostnames, { allow: [], block: [], blockCountries: [], ...wish });

/** Whether somebody is held up, by what Cloudflare makes of the rule. */
function isBlocked(
  wish: Partial<IpWish>,
  address: string,
  { country = 'DE', host = 'www.shop.example', uri = '/' } = {},
): boolean {
  const rule = plan(wish);
  if (!rule) return false;
  const request = { host, uri, method: 'GET', userAgent: '', address, country };
  return compileExpression(rule.expression).matches(request);
}

describe('planIpRule', () => {
  test('wants no rule where nothing is wished for', () => {
    expect(plan({})).toBeUndefined();
  });

  test('holds up all others where some are allowed', () => {
    const allow = networks('192.0.2.0/24', '2001:db8::/32');
    expect(isBlocked({ allow }, '192.0.2.9')).toBe(false);
    expect(isBlocked({ allow }, '2001:db8::9')).toBe(false);
    expect(isBlocked({ allow }, '198.51.100.9')).toBe(true);
    expect(isBlocked({ allow }, '2001:db9::9')).toBe(true);
  });

  test('holds up those who are blocked, by address or country, and nobody else', () => {
    const wish = { block: networks('203.0.113.7'), blockCountries: ['KP'] };
    expect(isBlocked(wish, '203.0.113.7')).toBe(true);
    expect(isBlocked(wish, '203.0.113.8')).toBe(false);
    expect(isBlocked(wish, '203.0.113.8', { country: 'KP' })).toBe(true);
  });

  test('holds up who is blocked among the allowed', () => {
    const wish = { allow: networks('192.0.2.0/24'), block: networks('192.0.2.9') };
    expect([isBlocked(wish, '192.0.2.9'), isBlocked(wish, '192.0.2.8')]).toEqual([true, false]);
  });

  test('holds up nobody at the path where Berth looks, and lets nobody take that path to another', () => {
    const isHeld = (uri: string) => isBlocked({ block: networks('203.0.113.7') }, '203.0.113.7', { uri });
    expect(isHeld('/.well-known/berth/abc_-9')).toBe(false);
    const others = [
      '/',
      '/admin',
      '/.well-known/berth',
      '/.well-known/berth/../../admin',
      '/.well-known/berth/%2e%2e/x',
    ];
    expect(others.map(isHeld)).toEqual(others.map(() => true));
  });

  test('means the host names of the site alone', () => {
    const allow = networks('192.0.2.0/24');
    expect(isBlocked({ allow }, '198.51.100.9', { host: 'shop.example' })).toBe(true);
    expect(isBlocked({ allow }, '198.51.100.9', { host: 'blog.shop.example' })).toBe(false);
  });

  test('is the same whatever order it was wished for in, and each network once', () => {
    const one = plan({ block: networks('192.0.2.0/24', '10.0.0.1', '10.0.0.1/32'), blockCountries: ['US', 'KP'] });
    const other = plan({ block: networks('10.0.0.1', '192.0.2.0/24'), blockCountries: ['KP', 'US'] });
    expect(one).toEqual(other);
    expect(one).toEqual({
      action: 'block',
      expression:
        'http.host in {"shop.example" "www.shop.example"} and (ip.src in {10.0.0.1 192.0.2.0/24} or ip.src.country in {"KP" "US"}) and not (starts_with(http.request.uri.path, "/.well-known/berth/") and not http.request.uri.path contains ".." and not http.request.uri.path contains "%")',
      description: 'berth abc: visitors by address',
      enabled: true,
      ref: 'berth-abc-ip',
    });
  });
});
