import i18next from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import { de } from '../i18n/de.ts';
import { en } from '../i18n/en.ts';
import { sayNote, sayProblem } from './said.ts';

beforeAll(async () => {
  await i18next.init({
    lng: 'en',
    resources: { en: { translation: en }, de: { translation: de } },
    interpolation: { escapeValue: false },
  });
});

const speak = (language: 'de' | 'en') => ({
  t: i18next.getFixedT(language),
  i18n: { exists: (key: string) => i18next.exists(key, { lng: language }) },
});
const period = {
  code: 'rate.period',
  values: { plan: 'free', seconds: '10' },
  detail: 'the plan free of the zone counts over 10 seconds',
};

describe('sayProblem', () => {
  test('says a code in the language of the reader, with what it names', () => {
    const at = '#/rateLimit/periodSeconds';
    expect(sayProblem(speak('de'), at, period)).toBe('Der Tarif free der Domain zählt über 10 Sekunden.');
    expect(sayProblem(speak('en'), at, period)).toBe('The plan free of the domain counts over 10 seconds.');
  });

  test('shows what was typed as it was typed', () => {
    const given = '<b>{{plan}} $t(protection.title)</b>';
    const said = sayProblem(speak('de'), '#/ip/allow/0', { code: 'ip.no-network', values: { given }, detail: '' });
    expect(said).toBe(`${given} ist weder eine Adresse noch ein Netz wie 192.0.2.0/24 oder 2001:db8::/32.`);
  });

  test('leaves what it has no words for as the API says it', () => {
    expect(sayProblem(speak('de'), '#/ip', { code: 'ip.of-tomorrow', values: {}, detail: 'as it is' })).toBe(
      'as it is',
    );
    expect(sayProblem(speak('de'), '#/rateLimit/requests', { detail: 'as it is' })).toBe('as it is');
    expect(sayProblem(speak('de'), '#/access/emails', { detail: 'too many' })).toBe('too many');
  });

  test('says by its field what a schema refuses', () => {
    const refused = { detail: 'Invalid email address' };
    expect(sayProblem(speak('de'), '#/access/emails/2', refused)).toBe('Das muss eine E-Mail-Adresse sein.');
    expect(sayProblem(speak('en'), '#/country', refused)).toBe(
      'It must be a country in two letters, such as US; T1 is Tor.',
    );
  });
});

describe('sayNote', () => {
  test('says what should be known of the plan', () => {
    const note = { code: 'rate.whole-zone', values: { plan: 'free', hostname: 'shop.de' }, detail: '' };
    expect(sayNote(speak('de'), note)).toBe(
      'Der Tarif free kennt in Grenzen keine Hostnamen: Gezählt werden die Anfragen an alle Hostnamen der Domain, zu der shop.de gehört.',
    );
    expect(sayNote(speak('de'), { code: 'of.tomorrow', values: {}, detail: 'as it is' })).toBe('as it is');
  });
});
