import { describe, expect, test } from 'vitest';
import { parseDomainName } from './domain-name.ts';

const good: [text: string, ascii: string][] = [
  ['mustermann.de', 'mustermann.de'],
  ['MUSTERMANN.DE', 'mustermann.de'],
  ['bäckerei-müller.de', 'xn--bckerei-mller-bfb28a.de'],
  ['BÄCKEREI-MÜLLER.DE', 'xn--bckerei-mller-bfb28a.de'],
  ['xn--bckerei-mller-bfb28a.de', 'xn--bckerei-mller-bfb28a.de'],
  ['straße.de', 'xn--strae-oqa.de'],
  ['example.co.uk', 'example.co.uk'],
  ['a.de', 'a.de'],
  ['1und1.de', '1und1.de'],
  ['例え.jp', 'xn--r8jz45g.jp'],
  ['my-shop.com', 'my-shop.com'],
  [`${'a'.repeat(63)}.de`, `${'a'.repeat(63)}.de`],
];

const bad = [
  '',
  'de',
  'co.uk',
  'localhost',
  'shop.mustermann.de',
  'www.mustermann.de',
  'https://mustermann.de',
  'mustermann.de/',
  'mustermann.de/path',
  'mustermann.de:443',
  'mustermann.de?x=1',
  'mustermann.de#x',
  'user@mustermann.de',
  'muster mann.de',
  ' mustermann.de',
  'mustermann.de\n',
  'mustermann.de.',
  '.mustermann.de',
  'a..de',
  '-a.de',
  'a-.de',
  'a_b.de',
  '*.mustermann.de',
  '127.0.0.1',
  '127.1',
  '0x7f.1',
  '[::1]',
  '::1',
  'mustermann.invalidtld',
  'mustermann.local',
  `${'a'.repeat(64)}.de`,
  `${'a.'.repeat(130)}de`,
  'muster\u200bmann.de',
  'muster\u0000mann.de',
  'muster%6dann.de',
  '$(reboot).de',
  'a;b.de',
  "a'b.de",
  'xn--.de',
];

describe('parseDomainName', () => {
  test.each(good)('takes %j', (text, ascii) => {
    expect(parseDomainName(text)).toMatchObject({ ok: true, value: { ascii } });
  });

  test.each(bad)('refuses %j', (text) => {
    expect(parseDomainName(text).ok).toBe(false);
  });

  test('gives back what people read', () => {
    expect(parseDomainName('xn--bckerei-mller-bfb28a.de')).toMatchObject({ value: { unicode: 'bäckerei-müller.de' } });
  });

  test('names the registrable domain when something below it was given', () => {
    expect(parseDomainName('www.mustermann.de')).toMatchObject({ problem: expect.stringContaining('mustermann.de') });
  });
});
