import { describe, expect, test } from 'vitest';
import { type Protection, unprotected } from './protection.ts';
import { type TriedVisit, tryVisit } from './try-visit.ts';

const TOKEN = '11111111-2222-4333-8444-555555555555';
const ip = (more: Partial<NonNullable<Protection['ip']>>): Partial<Protection> => ({
  ip: { allow: [], block: [], blockCountries: [], ...more },
});
const access = (more: Partial<NonNullable<Protection['access']>>): Partial<Protection> => ({
  access: { emails: [], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24, ...more },
});
const anna = access({ emails: ['anna@example.org'], emailDomains: ['shop.example'] });
const verdict = (protection: Partial<Protection>, visit: TriedVisit) => {
  const { verdict: said, steps } = tryVisit({ ...unprotected, ...protection }, visit);
  return [said, steps.at(said === 'unknown' && steps[0]?.outcome === 'unknown' ? 0 : -1)?.code];
};

describe('tryVisit', () => {
  test.each<[what: string, protection: Partial<Protection>, visit: TriedVisit, said: string, code: string]>([
    ['anybody where nothing protects', {}, {}, 'enters', 'access.open'],
    ['who is blocked', ip({ block: ['203.0.113.0/24'] }), { address: '203.0.113.9' }, 'blocked', 'ip.blocked'],
    ['who is beside it', ip({ block: ['203.0.113.0/24'] }), { address: '203.0.114.9' }, 'enters', 'access.open'],
    ['an address of six', ip({ block: ['2001:db8::/32'] }), { address: '2001:DB8:0:1::7' }, 'blocked', 'ip.blocked'],
    ['the other family', ip({ block: ['2001:db8::/32'] }), { address: '192.0.2.7' }, 'enters', 'access.open'],
    ['who is not allowed', ip({ allow: ['192.0.2.0/24'] }), { address: '198.51.100.1' }, 'blocked', 'ip.not-allowed'],
    ['who is allowed', ip({ allow: ['192.0.2.0/24'] }), { address: '192.0.2.1' }, 'enters', 'access.open'],
    [
      'who is blocked among the allowed',
      ip({ allow: ['192.0.2.0/24'], block: ['192.0.2.66'] }),
      { address: '192.0.2.66' },
      'blocked',
      'ip.blocked',
    ],
    ['a country', ip({ blockCountries: ['KP'] }), { country: 'kp' }, 'blocked', 'ip.country-blocked'],
    ['another country', ip({ blockCountries: ['KP'] }), { country: 'DE' }, 'enters', 'access.open'],
    ['no country', ip({ blockCountries: ['KP'] }), { address: '192.0.2.1' }, 'unknown', 'ip.country-unknown'],
    ['no address', ip({ allow: ['192.0.2.0/24'] }), { country: 'DE' }, 'unknown', 'ip.address-unknown'],
    ['nobody in particular', anna, {}, 'signs-in', 'access.sign-in'],
    ['an e-mail in capitals', anna, { email: 'Anna@Example.org' }, 'enters', 'access.email'],
    ['a domain', anna, { email: 'bert@shop.example' }, 'enters', 'access.email-domain'],
    ['a domain that only ends so', anna, { email: 'eve@evil-shop.example' }, 'refused', 'access.not-meant'],
    ['a domain below it', anna, { email: 'eve@a.shop.example' }, 'refused', 'access.not-meant'],
    ['a program', access({ serviceTokens: [TOKEN] }), { serviceToken: TOKEN }, 'enters', 'access.service-token'],
    ['a person where programs enter', access({ serviceTokens: [TOKEN] }), {}, 'refused', 'access.not-meant'],
    ['a group', access({ groups: [TOKEN] }), { email: 'a@b.example' }, 'unknown', 'access.group-unknown'],
    [
      'whoever is not meant, wherever from',
      { ...anna, ...ip({ blockCountries: ['KP'] }) },
      { email: 'eve@b.example' },
      'refused',
      'access.not-meant',
    ],
    [
      'who is blocked before they could sign in',
      { ...anna, ...ip({ block: ['203.0.113.0/24'] }) },
      { address: '203.0.113.9', email: 'anna@example.org' },
      'blocked',
      'ip.blocked',
    ],
  ])('says of %s whether they get in, and why', (_what, protection, visit, said, code) => {
    expect(verdict(protection, visit)).toEqual([said, code]);
  });

  test('names the entry that decided, and ends with what stops', () => {
    const { steps } = tryVisit(
      { ...unprotected, ...anna, ...ip({ block: ['203.0.113.0/24'] }) },
      { address: '203.0.113.9' },
    );
    expect(steps).toEqual([
      {
        part: 'ip',
        outcome: 'stops',
        code: 'ip.blocked',
        detail: '203.0.113.9 is blocked by 203.0.113.0/24',
        match: '203.0.113.0/24',
      },
    ]);
  });

  test('says how often an address may ask', () => {
    const rateLimit = { requests: 100, periodSeconds: 10, timeoutSeconds: 60, path: '/shop', action: 'block' } as const;
    const { verdict: said, steps } = tryVisit({ ...unprotected, rateLimit }, { address: '192.0.2.1' });
    expect(said).toBe('enters');
    expect(steps.map(({ part }) => part)).toEqual(['ip', 'rateLimit', 'access']);
    expect(steps[1]?.detail).toBe(
      'after 100 requests of paths that begin with /shop within 10 s an address is held off for 60 s',
    );
  });

  test('says where somebody else’s application decides, to whom no other part stops before', () => {
    const others = { paths: ['mustermann.de/wiki', '*.mustermann.de/admin'], haveHostname: false };
    const { verdict: said, elsewhere } = tryVisit({ ...unprotected, ...anna }, { email: 'anna@example.org' }, others);
    expect(said).toBe('enters');
    expect(elsewhere.map(({ code, path }) => [code, path])).toEqual([
      ['path', 'mustermann.de/wiki'],
      ['path', '*.mustermann.de/admin'],
    ]);
    expect(elsewhere[0]?.detail).toContain('on mustermann.de/wiki another application of Access decides');
    const whole = tryVisit({ ...unprotected, ...anna }, {}, { paths: [], haveHostname: true });
    expect(whole.elsewhere).toMatchObject([{ code: 'hostname', path: null }]);
    const blocked = tryVisit(
      { ...unprotected, ...anna, ...ip({ block: ['203.0.113.9'] }) },
      { address: '203.0.113.9' },
      others,
    );
    expect([blocked.verdict, blocked.elsewhere]).toEqual(['blocked', []]);
    expect(tryVisit({ ...unprotected, ...anna }, {}).elsewhere).toEqual([]);
  });
});
