import i18next from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import { de } from '../i18n/de.ts';
import { en } from '../i18n/en.ts';
import { partsOf, sayPart } from './words.ts';

beforeAll(async () => {
  await i18next.init({
    lng: 'en',
    resources: { en: { translation: en }, de: { translation: de } },
    interpolation: { escapeValue: false },
  });
});

const say = (language: 'de' | 'en', part: Parameters<typeof sayPart>[1], value: unknown) =>
  sayPart({ t: i18next.getFixedT(language), language }, part, value);

describe('the words for what protects a site', () => {
  test('say what is open', () => {
    expect(say('en', 'access', null)).toEqual(['Everybody, without signing in']);
    expect(say('de', 'ip', null)).toEqual(['Von überall']);
    expect(say('en', 'rateLimit', null)).toEqual(['As often as they like']);
  });

  test('name who may enter, from where and how often', () => {
    const access = {
      emails: ['a@b.example', 'c@d.example'],
      emailDomains: ['e.example'],
      groups: [],
      serviceTokens: [],
      sessionHours: 1,
    };
    expect(say('en', 'access', access)).toEqual([
      'who signs in as a@b.example or c@d.example',
      'who signs in with an e-mail address of e.example',
      'sign in again after 1 hour',
    ]);
    const ip = { allow: ['192.0.2.0/24'], block: [], blockCountries: ['KP', 'T1'] };
    expect(say('de', 'ip', ip)).toEqual(['nur von 192.0.2.0/24', 'nicht aus diesen Ländern: Nordkorea oder Tor']);
    const rate = { requests: 100, periodSeconds: 10, timeoutSeconds: 60, path: '/shop', action: 'block' };
    expect(say('en', 'rateLimit', rate)).toEqual([
      '100 requests from one address within 10 sec',
      'counting paths that begin with /shop',
      'anything beyond that is blocked for 1 min',
    ]);
    expect(say('en', 'rateLimit', { ...rate, path: '/', action: 'managed_challenge' }).at(-1)).toBe(
      'anything beyond that is challenged',
    );
  });

  test('take what stands in the audit, where parts may be missing or unreadable', () => {
    expect(say('en', 'access', { emails: ['a@b.example'], serviceTokens: '[redacted]' })).toEqual([
      'who signs in as a@b.example',
    ]);
    expect(say('en', 'ip', undefined)).toEqual(['From everywhere']);
    expect(partsOf({})).toEqual(['access', 'ip', 'rateLimit']);
    expect(partsOf({ underAttack: true })).toContain('underAttack');
  });
});
