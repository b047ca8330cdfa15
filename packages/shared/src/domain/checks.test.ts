import { describe, expect, test } from 'vitest';
import { compareVersions, judgeClock, worstOf } from './checks.ts';

describe('worstOf', () => {
  test('is the worst, and ok of nothing', () => {
    expect(worstOf(['ok', 'fail', 'warn'])).toBe('fail');
    expect(worstOf(['ok', 'warn'])).toBe('warn');
    expect(worstOf([])).toBe('ok');
  });
});

describe('judgeClock', () => {
  test.each([
    [0, 'ok', 'goes with'],
    [-1500, 'ok', '1.5 s behind'],
    [2500, 'warn', '2.5 s ahead'],
    [-45_000, 'fail', '45.0 s behind'],
  ])('of a clock that is %i ms ahead', (skew, status, words) => {
    expect(judgeClock({ id: 'clock', title: 'Clock' }, skew)).toMatchObject({
      status,
      detail: expect.stringContaining(words),
    });
  });
});

describe('compareVersions', () => {
  test.each([
    ['20.10.24+dfsg1', '20.10', 1],
    ['20.10.24', '20.10.24', 0],
    ['19.3.1', '20.10', -1],
    ['252.36-1~deb12u1', '247', 1],
    ['2026.8.2', '2026.10.0', -1],
    ['unknown', '1', -1],
  ])('%s and %s', (one, other, sign) => {
    expect(Math.sign(compareVersions(one, other))).toBe(sign);
  });
});
