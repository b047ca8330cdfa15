import { describe, expect, test } from 'vitest';
import { choices, toDraft, toWish } from './draft.ts';

const nothing = { access: null, ip: null, rateLimit: null, underAttack: false };
const whole = {
  access: {
    emails: ['anna@example.org', 'bert@example.org'],
    emailDomains: ['example.org'],
    groups: [],
    serviceTokens: [],
    sessionHours: 8,
  },
  ip: { allow: ['192.0.2.0/24', '2001:db8::/32'], block: [], blockCountries: ['KP'] },
  rateLimit: { requests: 5, periodSeconds: 60, timeoutSeconds: 600, path: '/shop', action: 'block' as const },
  underAttack: false,
};

describe('a draft of what protects a site', () => {
  test.each([nothing, whole])('is what is wanted as long as nobody types', (wanted) => {
    expect(toWish(toDraft(wanted))).toEqual(wanted);
  });

  test('takes lists by lines, commas and blanks, and leaves out empty ones', () => {
    const draft = {
      ...toDraft(nothing),
      ipOn: true,
      block: ' 192.0.2.7,\n\n203.0.113.0/24 ',
      blockCountries: 'KP; T1',
    };
    expect(toWish(draft).ip).toEqual({
      allow: [],
      block: ['192.0.2.7', '203.0.113.0/24'],
      blockCountries: ['KP', 'T1'],
    });
  });

  test('keeps what was typed of a part that is off, and does not want it', () => {
    const draft = { ...toDraft(whole), accessOn: false };
    expect(toWish(draft).access).toBeNull();
    expect(toWish({ ...draft, accessOn: true }).access).toEqual(whole.access);
  });

  test('holds nobody off who is challenged', () => {
    expect(toWish({ ...toDraft(whole), action: 'managed_challenge' }).rateLimit).toMatchObject({ timeoutSeconds: 0 });
    const challenged = {
      ...whole,
      rateLimit: { ...whole.rateLimit, action: 'managed_challenge' as const, timeoutSeconds: 0 },
    };
    expect(toDraft(challenged).timeoutSeconds).toBe('10');
  });
});

describe('choices', () => {
  test('are those that the plan gives, and what is chosen now', () => {
    expect(choices('periodSeconds', 10, '10')).toEqual(['10']);
    expect(choices('timeoutSeconds', 3600, '10')).toEqual(['10', '60', '120', '300', '600', '3600']);
    expect(choices('periodSeconds', 10, '60')).toEqual(['10', '60']);
  });
});
