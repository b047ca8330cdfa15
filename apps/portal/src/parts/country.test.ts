import i18next from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import { de } from '../i18n/de.ts';
import { en } from '../i18n/en.ts';
import { sayCountry, sayNoCountry } from './country.ts';

beforeAll(async () => {
  await i18next.init({ lng: 'en', resources: { en: { translation: en }, de: { translation: de } } });
});

describe('the name of a country', () => {
  test.each([
    ['DE', 'Deutschland', 'Germany'],
    ['de', 'Deutschland', 'Germany'],
    ['T1', 'Tor', 'Tor'],
    ['XX', 'unbekannt', 'unknown'],
    ['', 'unbekannt', 'unknown'],
    ['no code', 'no code', 'no code'],
  ])('of %s is %s in German and %s in English', (code, german, english) => {
    const say = (language: string) => sayCountry(code, { t: i18next.getFixedT(language), language });
    expect([say('de'), say('en')]).toEqual([german, english]);
  });

  test('is left alone where the code is to be shown', () => {
    const codes = ['DE', 'XX', 'T1'].map((code) => sayNoCountry(code, i18next.getFixedT('de')) ?? code);
    expect(codes).toEqual(['DE', 'unbekannt', 'Tor']);
  });
});
