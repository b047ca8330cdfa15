import { describe, expect, test } from 'vitest';
import { sayDuration, sayRelative } from './time.tsx';

describe('sayRelative', () => {
  test('takes the largest unit that fits', () => {
    expect(sayRelative(-42, 'en')).toBe('42 seconds ago');
    expect(sayRelative(-300, 'en')).toBe('5 minutes ago');
    expect(sayRelative(7200, 'de')).toBe('in 2 Stunden');
    expect(sayRelative(-40 * 86_400, 'en')).toBe('last month');
  });
});

describe('sayDuration', () => {
  test('says at most two units', () => {
    expect(sayDuration(125_000, 'en')).toBe('2 min 5 sec');
    expect(sayDuration(3_600_000, 'en')).toBe('1 hr');
    expect(sayDuration(90_061_000, 'en')).toBe('1 day 1 hr');
    expect(sayDuration(0, 'de')).toBe('0 Sek.');
  });
});
