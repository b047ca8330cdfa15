import { describe, expect, test } from 'vitest';
import { judgeStanding } from './judge-standing.ts';
import { notAhead } from './not-ahead.ts';
import { failing, healthy } from './sight.ts';

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const around = { nowMs: NOW, failuresToAct: 2, check: true, busy: false, held: false };
const hung = failing('unreachable', 'Timeout', 'no answer');
/** judged before the clock was set back by an hour */
const ahead = { ...around, nowMs: NOW + HOUR };
const restartedAhead = () => {
  const once = judgeStanding(undefined, hung, ahead).standing;
  return judgeStanding(once, hung, ahead).standing;
};

describe('notAhead', () => {
  test('what was restarted before the clock was set back is restarted again after its back-off at the latest', () => {
    const standing = notAhead(restartedAhead(), NOW);
    expect(judgeStanding(standing, hung, around).restart).toBe(false);
    expect(judgeStanding(standing, hung, { ...around, nowMs: NOW + 300_000 }).restart).toBe(true);
  });

  test('old restarts are called a crash loop for ten minutes at most', () => {
    const restarts = Array(6).fill({ at: NOW + HOUR, by: 'docker', reason: 'Exited' });
    const standing = notAhead({ ...restartedAhead(), restarts }, NOW);
    expect(judgeStanding(standing, healthy(), around).crashLooping).toBe(true);
    expect(judgeStanding(standing, healthy(), { ...around, nowMs: NOW + 600_000 }).crashLooping).toBe(false);
  });

  test('leaves what lies behind as it is', () => {
    const standing = judgeStanding(undefined, hung, around).standing;
    expect(notAhead(standing, NOW)).toEqual(standing);
  });
});
