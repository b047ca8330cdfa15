import { describe, expect, test } from 'vitest';
import { isChange, type ProtectOptions, wishOf } from './protection-wish.ts';

const nothing: ProtectOptions = {};

const before = {
  access: { emails: ['a@b.example'], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 8 },
  ip: { allow: [], block: ['192.0.2.1'], blockCountries: [] },
  rateLimit: null,
  underAttack: false,
};

describe('wishOf', () => {
  test('keeps the parts of which nothing is said', () => {
    expect(isChange(nothing)).toBe(false);
    const wish = wishOf({ ...nothing, rate: '100/10', ratePath: '/login' }, before);
    expect(wish).toMatchObject({ access: before.access, ip: before.ip });
    expect(wish.rateLimit).toEqual({
      requests: 100,
      periodSeconds: 10,
      timeoutSeconds: 10,
      path: '/login',
      action: 'block',
    });
  });

  test('takes what is named for the whole of its part, and opens what shall be open', () => {
    const options = { ...nothing, block: ['203.0.113.0/24'], open: ['access'] };
    expect(isChange(options)).toBe(true);
    expect(wishOf(options, before)).toMatchObject({ access: null, ip: { block: ['203.0.113.0/24'] } });
  });

  test('changes the rest of a part where nothing of it is named anew', () => {
    expect(isChange({ sessionHours: 2 })).toBe(true);
    expect(wishOf({ sessionHours: 2 }, before).access).toEqual({ ...before.access, sessionHours: 2 });
    const limited = { ...before, rateLimit: wishOf({ rate: '100/10' }, before).rateLimit };
    expect(wishOf({ ratePath: '/login' }, limited).rateLimit).toMatchObject({ requests: 100, path: '/login' });
    const challenge = { requests: 100, action: 'managed_challenge', timeoutSeconds: 0 };
    expect(wishOf({ rateChallenge: true }, limited).rateLimit).toMatchObject(challenge);
    expect(wishOf({ rate: '100/10', rateChallenge: true }, before).rateLimit).toMatchObject(challenge);
  });

  test.each([{ sessionHours: 2 }, { ratePath: '/login' }, { rateTimeout: 60 }])(
    'says what is missing where there is nothing that %j could change',
    (more) => {
      expect(() => wishOf(more, { ...before, access: null })).toThrow();
    },
  );

  test.each<ProtectOptions>([
    { open: ['access'], sessionHours: 5 },
    { open: ['access'], email: ['a@b.example'] },
    { open: ['ip'], block: ['192.0.2.1'] },
    { open: ['rate'], ratePath: '/login' },
    { open: ['attack'], underAttack: true },
  ])('does not guess what %j, which opens what it names, is meant to be', (more) => {
    expect(() => wishOf(more, { ...before, rateLimit: wishOf({ rate: '10/10' }, before).rateLimit })).toThrow(
      /takes away what the other options ask for/,
    );
  });

  test.each([{ open: ['door'] }, { rate: 'many' }, { rate: '10' }])('does not take %j', (more) => {
    expect(() => wishOf({ ...nothing, ...more }, before)).toThrow();
  });
});
