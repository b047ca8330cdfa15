import type { Checks, SiteTimes } from '@berth/shared/store/unusual';
import { describe, expect, test } from 'vitest';
import { judgeUnusual } from './judge-unusual.ts';

const checks = (more: Partial<Checks> = {}): Checks => ({
  hours: 2,
  checks: 100,
  failed: 0,
  latencyMsSum: 2000,
  restarts: 0,
  ...more,
});
const week = (more: Partial<Checks> = {}): Checks =>
  checks({ hours: 166, checks: 10_000, latencyMsSum: 200_000, ...more });
const judge = (recent: Partial<Checks>, usual: Partial<Checks> = {}, more: Partial<SiteTimes> = {}) =>
  judgeUnusual({
    siteId: 's',
    name: 'example.de',
    recent: checks(recent),
    usual: week(usual),
    wasDown: false,
    open: false,
    ...more,
  })?.reason;

describe('judgeUnusual', () => {
  test.each<[string, Partial<Checks>, Partial<Checks>, string | undefined]>([
    ['as ever', {}, {}, undefined],
    ['a twentieth of the checks fail', { failed: 5 }, {}, 'MoreErrorsThanUsual'],
    ['a few fail, but no more', { failed: 4 }, {}, undefined],
    ['as many fail as always', { failed: 10 }, { failed: 1000 }, undefined],
    ['four times as many fail as always', { failed: 40 }, { failed: 1000 }, 'MoreErrorsThanUsual'],
    ['too few checks to say', { checks: 20, failed: 10 }, {}, undefined],
    ['three times as slow, and noticeably', { latencyMsSum: 30_000 }, { latencyMsSum: 1_000_000 }, 'SlowerThanUsual'],
    ['three times as slow, but still quick', { latencyMsSum: 10_000 }, {}, undefined],
    ['slower, but not three times', { latencyMsSum: 29_000 }, { latencyMsSum: 1_000_000 }, undefined],
    ['restarted three times where it never was', { restarts: 3 }, {}, 'MoreRestartsThanUsual'],
    ['restarted as often as ever', { restarts: 3 }, { restarts: 83 }, undefined],
  ])('%s', (_, recent, usual, expected) => {
    expect(judge(recent, usual)).toBe(expected);
  });

  test('says nothing before there is a day to compare with, nor of what was known to be down', () => {
    expect(judge({ failed: 50 }, { hours: 23 })).toBeUndefined();
    expect(judge({ failed: 50 }, {}, { wasDown: true })).toBeUndefined();
  });

  test('says all that is unusual in one incident', () => {
    const found = judgeUnusual({
      siteId: 's',
      name: 'example.de',
      recent: checks({ failed: 20, restarts: 9 }),
      usual: week(),
      wasDown: false,
      open: false,
    });
    expect(found).toMatchObject({
      reason: 'MoreErrorsThanUsual',
      message: 'example.de: 20 % of its checks fail, 0 % are usual; it was started again 9 times within 2 hours',
      data: { errorShare: 0.2, restarts: 9 },
    });
  });
});
