import { domainToASCII } from 'node:url';
import { describe, expect, test } from 'vitest';
import { toUnicode } from './to-unicode.ts';

describe('toUnicode', () => {
  test.for([
    'müller.de',
    'bäckerei-müller.de',
    'straße.example',
    'пример.рф',
    '例え.jp',
    'öäü.öäü.de',
    'mustermann.de',
  ])('reads %s', (domain) => {
    expect(toUnicode(domainToASCII(domain))).toBe(domain);
  });

  test('leaves what cannot be read', () => {
    expect(toUnicode('xn--!!!.de')).toBe('xn--!!!.de');
    expect(toUnicode('xn--99999999999999.de')).toBe('xn--99999999999999.de');
  });
});
