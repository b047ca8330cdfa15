import type { HealthStanding } from '@berth/shared/domain/health';
import { describe, expect, test } from 'vitest';
import { type Fellow, failTogether } from './judge-host.ts';

const NOW = 1_000_000_000;
const INTERVAL = 60_000;

function fellows(well: number, failing: number, failingForMs: number | null = null, restartedForMs?: number): Fellow[] {
  const since = failingForMs === null ? null : NOW - failingForMs;
  const before = {
    failingSince: since,
    restartedAt: restartedForMs === undefined ? null : NOW - restartedForMs,
  } as HealthStanding;
  return [
    ...Array.from({ length: well }, () => ({ before: undefined, fails: false })),
    ...Array.from({ length: failing }, () => ({ before, fails: true })),
  ];
}

describe('failTogether', () => {
  test.each([
    ['a third at once', fellows(600, 300), false, true],
    ['less than a third', fellows(601, 299), false, false],
    ['one of two on a small host', fellows(1, 1), false, false],
    ['three of three', fellows(0, 3), false, true],
    ['a third within three intervals', fellows(6, 3, 3 * INTERVAL), false, true],
    ['a third that has failed for long, each for its own reasons', fellows(6, 3, 10 * INTERVAL), false, false],
    ['a third that was restarted since without success', fellows(6, 3, 2 * INTERVAL, INTERVAL), false, false],
    ['a third that fails for long, while it is known', fellows(6, 3, 10 * INTERVAL), true, true],
    ['less than a third, while it is known', fellows(7, 2), true, false],
    ['nothing', [], false, false],
  ])('%s', (_, those, already, expected) => {
    expect(failTogether(those, { nowMs: NOW, intervalMs: INTERVAL, already })).toBe(expected);
  });
});
