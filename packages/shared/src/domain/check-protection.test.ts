import { describe, expect, test } from 'vitest';
import { checkProtection, notesOn, type ProtectionPlace } from './check-protection.ts';
import { type Protection, unprotected } from './protection.ts';

const place: ProtectionPlace = {
  slug: 'abc',
  hostnames: ['shop.example', 'www.shop.example'],
  plan: 'free',
  otherRateLimits: 0,
};
const ip = { allow: [], block: [], blockCountries: [] };
const access = { emails: [], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24 };
const limit = { requests: 10, periodSeconds: 10, timeoutSeconds: 10, path: '/', action: 'block' } as const;
const check = (wish: Partial<Protection>, more: Partial<ProtectionPlace> = {}) =>
  checkProtection({ ...unprotected, ...wish }, { ...place, ...more });
const pointers = (wish: Partial<Protection>, more: Partial<ProtectionPlace> = {}) =>
  check(wish, more).problems.map(({ pointer }) => pointer);

describe('checkProtection', () => {
  test('takes nothing for no protection', () => {
    expect(check({ ip })).toEqual({ wanted: unprotected, problems: [] });
  });

  test('brings lists into one form', () => {
    const wish = { ip: { ...ip, block: ['192.0.2.9/32', '192.0.2.9', '10.0.0.0/8'], blockCountries: ['us', 'US'] } };
    expect(check(wish).wanted.ip).toEqual({ allow: [], block: ['10.0.0.0/8', '192.0.2.9'], blockCountries: ['US'] });
    const people = { ...access, emails: ['Anna@Example.org', 'anna@example.org'], emailDomains: ['@Example.ORG'] };
    expect(check({ access: people }).wanted.access).toMatchObject({
      emails: ['anna@example.org'],
      emailDomains: ['example.org'],
    });
  });

  test.each<[what: string, wish: Partial<Protection>, pointer: string]>([
    ['a network with host bits', { ip: { ...ip, allow: ['192.0.2.1/24'] } }, '#/ip/allow/0'],
    ['everybody blocked', { ip: { ...ip, block: ['0.0.0.0/0'] } }, '#/ip/block/0'],
    ['everybody of IPv6 blocked', { ip: { ...ip, block: ['::/0'] } }, '#/ip/block/0'],
    ['everybody allowed', { ip: { ...ip, allow: ['0.0.0.0/0'] } }, '#/ip/allow/0'],
    ['what is no network', { ip: { ...ip, block: ['shop'] } }, '#/ip/block/0'],
    ['a country that is none', { ip: { ...ip, blockCountries: ['XY1'] } }, '#/ip/blockCountries/0'],
    ['all that is allowed blocked', { ip: { ...ip, allow: ['192.0.2.0/25'], block: ['192.0.2.0/24'] } }, '#/ip/allow'],
    ['nobody in particular', { access }, '#/access'],
    ['a domain that is none', { access: { ...access, emailDomains: ['example'] } }, '#/access/emailDomains/0'],
    ['a period that the plan lacks', { rateLimit: { ...limit, periodSeconds: 60 } }, '#/rateLimit/periodSeconds'],
    ['a time that the plan lacks', { rateLimit: { ...limit, timeoutSeconds: 60 } }, '#/rateLimit/timeoutSeconds'],
    ['a path that is none', { rateLimit: { ...limit, path: '/a"b' } }, '#/rateLimit/path'],
  ])('refuses %s', (_what, wish, pointer) => {
    expect(pointers(wish)).toEqual([pointer]);
  });

  test('says which network was meant', () => {
    expect(check({ ip: { ...ip, allow: ['192.0.2.1/24'] } }).problems[0]?.detail).toContain('192.0.2.0/24');
  });

  test('refuses a list that makes too long a rule', () => {
    const block = Array.from({ length: 256 }, (_, index) => `203.0.${index}.128/25`);
    expect(pointers({ ip: { ...ip, block } })).toEqual(['#/ip']);
  });

  test('refuses more host names than an application guards', () => {
    const hostnames = Array.from({ length: 6 }, (_, index) => `${index}.shop.example`);
    expect(pointers({ access: { ...access, emails: ['a@b.example'] } }, { hostnames })).toEqual(['#/access']);
  });

  test('gives what the plan gives, and tells what it means', () => {
    const rateLimit = { ...limit, periodSeconds: 60, timeoutSeconds: 600 };
    expect(pointers({ rateLimit }, { plan: 'pro' })).toEqual([]);
    expect(pointers({ rateLimit: limit })).toEqual([]);
    expect(pointers({ rateLimit: limit }, { otherRateLimits: 1 })).toEqual(['#/rateLimit']);
    expect(notesOn({ ...unprotected, rateLimit: limit }, place)[0]).toContain('knows no host names');
    expect(notesOn({ ...unprotected, rateLimit: limit }, { ...place, plan: 'pro' })[0]).not.toContain('host names');
  });
});
