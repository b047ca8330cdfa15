import { describe, expect, test } from 'vitest';
import { findRule, parseIngress } from './ingress.ts';

const all = { service: 'http_status:404' };

describe('parseIngress', () => {
  test.each([
    [[{ hostname: 'a.de', service: 'http://localhost:1' }], 'must match all URLs'],
    [[{ hostname: 'a.de', service: 'htp:/x' }, all], 'htp:/x is an invalid address'],
    [[{ hostname: 'a.de:80', service: 'http://localhost:1' }, all], 'cannot contain a port'],
    [[{ hostname: 'a.*.de', service: 'http://localhost:1' }, all], 'at most one wildcard'],
    [[all, all], 'will match every hostname'],
    [[{ hostname: 'a.de', path: '(', service: 'http://localhost:1' }, all], 'invalid regex'],
    [[{ hostname: 'a.de', service: 'http_status:x' }, all], 'invalid HTTP status code'],
    [[{ hostname: 'a.de', service: 'http://localhost:1/path' }, all], "don't support proxying to a different path"],
  ])('refuses %j', (rules, message) => {
    expect(() => parseIngress(rules)).toThrow(message);
  });

  test('is empty where there are no rules', () => {
    expect(parseIngress(undefined)).toEqual([]);
  });
});

describe('findRule', () => {
  const rules = parseIngress([
    { hostname: 'a.de', path: '^/proof$', service: 'http_status:204' },
    { hostname: 'a.de', service: 'http://localhost:3001' },
    { hostname: '*.a.de', service: 'http://localhost:3002' },
    all,
  ]);

  test.each([
    ['a.de', '/proof', 0],
    ['A.de:443', '/', 1],
    ['a.de', '/proof/x', 1],
    ['www.a.de', '/', 2],
    ['b.de', '/', 3],
  ])('takes for %s%s rule %i', (host, path, index) => {
    expect(findRule(rules, host, path)?.index).toBe(index);
  });
});
