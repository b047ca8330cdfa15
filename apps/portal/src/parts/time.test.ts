import { describe, expect, test } from 'vitest';
import { sayDuration, sayRelative, sayShortMoment } from './time.tsx';

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

describe('sayShortMoment', () => {
  const at = new Date(2026, 10, 26, 9, 5, 7);
  const later = (days: number) => new Date(2026, 10, 26 + days, 23).getTime();

  test('is the time alone on the same day, and the date afterwards', () => {
    expect(sayShortMoment(at.toISOString(), 'de', later(0))).toBe('09:05:07');
    expect(sayShortMoment(at.toISOString(), 'de', later(1))).toBe('26.11.26, 09:05');
    expect(sayShortMoment(at.toISOString(), 'en', later(1))).toBe('26/11/26, 09:05');
  });
});
