import { describe, expect, test } from 'vitest';
import { compileExpression } from './expression.ts';
import type { RequestFields } from './request-fields.ts';

const request = (more: Partial<RequestFields> = {}): RequestFields => ({
  host: 'www.shop.example',
  uri: '/admin/login?next=1',
  method: 'GET',
  userAgent: 'curl/8',
  address: '192.0.2.7',
  country: 'DE',
  ...more,
});

describe('an expression', () => {
  test.each<[expression: string, matches: boolean]>([
    ['true', true],
    ['http.host eq "www.shop.example"', true],
    ['http.host == "shop.example" or http.host ne "x"', true],
    ['http.host in {"shop.example" "www.shop.example"}', true],
    ['(http.host eq "www.shop.example" and not ip.src in {192.0.2.0/24 2001:db8::/32})', false],
    ['ip.src in {198.51.100.1 192.0.2.0/29}', true],
    ['ip.src eq 192.0.2.8', false],
    ['ip.src ne 192.0.2.8', true],
    ['ip.geoip.country in {"AT" "DE"} && !ssl', false],
    ['ip.src.country eq "DE" && ssl', true],
    ['http.request.uri.path eq "/admin/login"', true],
    ['http.request.uri.query contains "next"', true],
    ['starts_with(http.request.uri.path, "/admin")', true],
    ['ends_with(http.request.uri.path, "/admin")', false],
    ['lower(http.user_agent) contains "curl"', true],
    ['http.request.uri.path wildcard "/ADMIN/*"', true],
    ['http.user_agent eq "say \\"hi\\""', false],
    ['not not http.request.method eq "GET"', true],
  ])('%s is %s', (expression, matches) => {
    expect(compileExpression(expression).matches(request())).toBe(matches);
  });

  test('knows networks of IPv6, and that an address of the other family is in none', () => {
    const { matches } = compileExpression('ip.src in {2001:db8:1::/48 10.0.0.0/8}');
    expect(matches(request({ address: '2001:db8:1::9' }))).toBe(true);
    expect(matches(request({ address: '2001:db8:2::9' }))).toBe(false);
    expect(matches(request({ address: '10.200.0.1' }))).toBe(true);
  });

  test('tells the fields that it looks at', () => {
    const { fields } = compileExpression('http.host eq "a" and (ip.src eq 192.0.2.1 or cf.client.bot)');
    expect([...fields]).toEqual(['http.host', 'ip.src', 'cf.client.bot']);
  });

  test.each([
    '',
    'http.host',
    'http.host eq shop.example',
    'http.host eq "a" and',
    'http.host eq "a" http.host eq "b"',
    '(http.host eq "a"',
    'http.hosts eq "a"',
    'constructor eq "a"',
    'http.host in {}',
    'http.host in {"a"',
    'http.host like "a"',
    'ip.src eq "192.0.2.1"',
    'ip.src eq 192.0.2.0/24',
    'ip.src in {192.0.2.1/24}',
    'ip.src in {2001:db8::1/32}',
    'ip.src in {192.0.2.0/33}',
    'ip.src in {192.0.2}',
    'ip.src in $list',
    'http.host eq "a" ; drop',
    'http.host eq "a',
  ])('%s is refused', (expression) => {
    expect(() => compileExpression(expression)).toThrow(expect.objectContaining({ name: 'ExpressionError' }));
  });
});
