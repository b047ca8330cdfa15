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

  test('takes networks that leave some, and every country of ISO 3166', () => {
    const blockCountries = ['DE', 'gb', 'XK', 'T1', 'RU', 'KP'];
    const block = ['0.0.0.0/1', '128.0.0.0/2', '192.0.0.0/3', '::/1', '8000::/2'];
    expect(check({ ip: { ...ip, block, blockCountries } }).problems).toEqual([]);
    expect(
      check({ ip: { ...ip, allow: ['192.0.2.0/24'], block: ['192.0.2.0/25', '192.0.2.192/26'] } }).problems,
    ).toEqual([]);
  });

  type Told = [pointer: string, code: string, values?: object];
  test.each<[what: string, wish: Partial<Protection>, told: Told]>([
    [
      'a network with host bits',
      { ip: { ...ip, allow: [' 192.0.2.1/24'] } },
      ['#/ip/allow/0', 'ip.host-bits', { given: '192.0.2.1/24', network: '192.0.2.0/24', address: '192.0.2.1' }],
    ],
    [
      'everybody blocked',
      { ip: { ...ip, block: ['0.0.0.0/0'] } },
      ['#/ip/block/0', 'ip.blocks-everybody', { network: '0.0.0.0/0' }],
    ],
    [
      'everybody of IPv6 blocked',
      { ip: { ...ip, block: ['::/0'] } },
      ['#/ip/block/0', 'ip.blocks-everybody', { network: '::/0' }],
    ],
    [
      'everybody allowed',
      { ip: { ...ip, allow: ['0.0.0.0/0'] } },
      ['#/ip/allow/0', 'ip.allows-everybody', { network: '0.0.0.0/0' }],
    ],
    [
      'everybody blocked in halves',
      { ip: { ...ip, block: ['128.0.0.0/1', '192.0.2.0/24', '0.0.0.0/1'] } },
      ['#/ip/block', 'ip.blocks-everybody', { network: '0.0.0.0/0' }],
    ],
    [
      'everybody of IPv6 blocked in parts',
      { ip: { ...ip, block: ['8000::/1', '::/2', '4000::/2'] } },
      ['#/ip/block', 'ip.blocks-everybody', { network: '::/0' }],
    ],
    [
      'everybody blocked as IPv6 writes IPv4',
      { ip: { ...ip, block: ['::ffff:0:0/96'] } },
      ['#/ip/block/0', 'ip.blocks-everybody', { network: '0.0.0.0/0' }],
    ],
    [
      'everybody allowed in halves',
      { ip: { ...ip, allow: ['0.0.0.0/1', '128.0.0.0/1'] } },
      ['#/ip/allow', 'ip.allows-everybody', { network: '0.0.0.0/0' }],
    ],
    [
      'all that is allowed blocked in halves',
      { ip: { ...ip, allow: ['192.0.2.0/24'], block: ['192.0.2.0/25', '192.0.2.128/25'] } },
      ['#/ip/allow', 'ip.all-blocked'],
    ],
    [
      'another code of a country',
      { ip: { ...ip, blockCountries: ['gb', 'uk'] } },
      ['#/ip/blockCountries/1', 'ip.no-country', { given: 'uk' }],
    ],
    [
      'what is more than a country',
      { ip: { ...ip, blockCountries: ['EU'] } },
      ['#/ip/blockCountries/0', 'ip.no-country', { given: 'EU' }],
    ],
    ['what is no network', { ip: { ...ip, block: ['shop'] } }, ['#/ip/block/0', 'ip.no-network', { given: 'shop' }]],
    [
      'a country that is none',
      { ip: { ...ip, blockCountries: ['US', 'XY1'] } },
      ['#/ip/blockCountries/1', 'ip.no-country', { given: 'XY1' }],
    ],
    [
      'all that is allowed blocked',
      { ip: { ...ip, allow: ['192.0.2.0/25'], block: ['192.0.2.0/24'] } },
      ['#/ip/allow', 'ip.all-blocked'],
    ],
    ['nobody in particular', { access }, ['#/access', 'access.nobody']],
    [
      'a domain that is none',
      { access: { ...access, emailDomains: ['example.org', '@Example'] } },
      ['#/access/emailDomains/1', 'access.no-domain', { given: '@Example' }],
    ],
    [
      'a period that the plan lacks',
      { rateLimit: { ...limit, periodSeconds: 60 } },
      ['#/rateLimit/periodSeconds', 'rate.period', { plan: 'free', seconds: '10' }],
    ],
    [
      'a time that the plan lacks',
      { rateLimit: { ...limit, timeoutSeconds: 60 } },
      ['#/rateLimit/timeoutSeconds', 'rate.timeout', { plan: 'free', seconds: '10' }],
    ],
    [
      'a time of a challenge',
      { rateLimit: { ...limit, action: 'managed_challenge' } },
      ['#/rateLimit/timeoutSeconds', 'rate.timeout-of-challenge'],
    ],
    ['a path that is none', { rateLimit: { ...limit, path: '/a"b' } }, ['#/rateLimit/path', 'rate.path']],
  ])('refuses %s', (_what, wish, [pointer, code, values = {}]) => {
    expect(check(wish).problems).toEqual([{ pointer, code, values, detail: expect.any(String) }]);
  });

  test('tells a problem in English as well', () => {
    expect(check({ rateLimit: { ...limit, periodSeconds: 60 } }, { plan: 'pro' }).problems).toEqual([]);
    expect(check({ rateLimit: { ...limit, periodSeconds: 61 } }, { plan: 'pro' }).problems).toEqual([
      {
        pointer: '#/rateLimit/periodSeconds',
        code: 'rate.period',
        values: { plan: 'pro', seconds: '10, 15, 20, 30, 40, 45, 60' },
        detail: 'the plan pro of the zone counts over 10, 15, 20, 30, 40, 45, 60 seconds',
      },
    ]);
  });

  test('refuses a list that makes too long a rule', () => {
    const block = Array.from({ length: 256 }, (_, index) => `203.0.${index}.128/25`);
    const values = { length: expect.any(Number), most: 4096 };
    expect(check({ ip: { ...ip, block } }).problems).toMatchObject([
      { pointer: '#/ip', code: 'ip.rule-too-long', values },
    ]);
  });

  test('refuses more host names than an application guards', () => {
    const hostnames = Array.from({ length: 6 }, (_, index) => `${index}.shop.example`);
    expect(check({ access: { ...access, emails: ['a@b.example'] } }, { hostnames }).problems).toMatchObject([
      { pointer: '#/access', code: 'access.too-many-hostnames', values: { most: 5, hostnames: 6 } },
    ]);
  });

  test('gives what the plan gives', () => {
    const rateLimit = { ...limit, periodSeconds: 60, timeoutSeconds: 600 };
    expect(check({ rateLimit }, { plan: 'pro' }).problems).toEqual([]);
    expect(check({ rateLimit: limit }).problems).toEqual([]);
    expect(check({ rateLimit: limit }, { otherRateLimits: 1 }).problems).toMatchObject([
      { pointer: '#/rateLimit', code: 'rate.none-left', values: { plan: 'free', most: 1 } },
    ]);
  });
});

describe('notesOn', () => {
  const codes = (wish: Partial<Protection>, plan: ProtectionPlace['plan'] = 'free') =>
    notesOn({ ...unprotected, ...wish }, { ...place, plan }).map(({ code }) => code);

  test('tells what a limit means in the plan', () => {
    expect(notesOn({ ...unprotected, rateLimit: limit }, place)[0]).toEqual({
      code: 'rate.whole-zone',
      values: { plan: 'free', hostname: 'shop.example' },
      detail:
        'the plan free knows no host names in limits: requests to all host names of the zone of shop.example are counted',
    });
    expect(codes({ rateLimit: limit }, 'pro')).toEqual(['rate.each-data-centre']);
  });

  test('tells what is held up under attack, and what is not', () => {
    expect(codes({ underAttack: true })).toEqual(['attack.programs']);
    expect(codes({ ip: { ...ip, block: ['192.0.2.9'] } })).toEqual([]);
    expect(codes({})).toEqual([]);
  });
});
