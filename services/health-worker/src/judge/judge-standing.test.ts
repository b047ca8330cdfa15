import type { HealthStanding, RestartMark } from '@berth/shared/domain/health';
import { describe, expect, test } from 'vitest';
import { type Circumstances, judgeStanding, restartBackoffMs } from './judge-standing.ts';
import { FOR_EVER, failing, healthy, type Sight } from './sight.ts';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;
const around: Circumstances = { nowMs: NOW, failuresToAct: 2, check: true, busy: false, held: false };
const hung = failing('unreachable', 'Timeout', 'no answer');
const ended = failing('unreachable', 'NotRunning', 'it ended', { down: true });

const mark = (ago: number, by: RestartMark['by'] = 'docker'): RestartMark => ({ at: NOW - ago, by, reason: 'Exited' });

function stood(more: Partial<HealthStanding> = {}): HealthStanding {
  return { ...judgeStanding(undefined, healthy(), { ...around, nowMs: NOW - 60 * MINUTE }).standing, ...more };
}

const failed = (failures: number, more: Partial<HealthStanding> = {}) =>
  stood({ outcome: 'unreachable', failures, failingSince: NOW - failures * MINUTE, healthySince: null, ...more });

describe('judgeStanding', () => {
  test.each<
    [
      string,
      HealthStanding | undefined,
      Sight,
      Partial<Circumstances>,
      { restart: boolean; confirmed: boolean; failures: number },
    ]
  >([
    ['leaves what is healthy alone', stood(), healthy(), {}, { restart: false, confirmed: false, failures: 0 }],
    [
      'does nothing after the first failing probe',
      stood(),
      hung,
      {},
      { restart: false, confirmed: false, failures: 1 },
    ],
    ['restarts after the second in a row', failed(1), hung, {}, { restart: true, confirmed: true, failures: 2 }],
    [
      'forgets a failure once it was healthy',
      failed(1),
      healthy(),
      {},
      { restart: false, confirmed: false, failures: 0 },
    ],
    ['restarts at once what does not run', stood(), ended, {}, { restart: true, confirmed: false, failures: 1 }],
    [
      'does not count a look in between, but acts on what does not run',
      failed(1),
      ended,
      { check: false },
      { restart: true, confirmed: false, failures: 1 },
    ],
    [
      'does not count within the start period',
      failed(1),
      { ...hung, starting: true },
      {},
      { restart: false, confirmed: false, failures: 1 },
    ],
    [
      'does not count while its worker is at it',
      failed(1),
      ended,
      { busy: true },
      { restart: false, confirmed: false, failures: 1 },
    ],
    [
      'restarts nothing for a fault of the host',
      failed(1),
      hung,
      { held: true },
      { restart: false, confirmed: true, failures: 2 },
    ],
    [
      'waits for the back-off',
      failed(4, { restartAfter: NOW + 1 }),
      hung,
      {},
      { restart: false, confirmed: true, failures: 5 },
    ],
    [
      'goes on once the back-off is over',
      failed(4, { restartAfter: NOW }),
      hung,
      {},
      { restart: true, confirmed: true, failures: 5 },
    ],
    [
      'never gives up',
      failed(900, { step: 900, restartAfter: NOW }),
      hung,
      {},
      { restart: true, confirmed: true, failures: 901 },
    ],
    [
      'gives a tunnel a minute to come back',
      failed(1, { failingSince: NOW - MINUTE + 1 }),
      { ...hung, patienceMs: MINUTE },
      {},
      { restart: false, confirmed: true, failures: 2 },
    ],
    [
      'and restarts it after that',
      failed(1, { failingSince: NOW - MINUTE }),
      { ...hung, patienceMs: MINUTE },
      {},
      { restart: true, confirmed: true, failures: 2 },
    ],
    [
      'counts that minute from the last restart',
      failed(5, { restartedAt: NOW - 1000 }),
      { ...hung, patienceMs: MINUTE },
      {},
      { restart: false, confirmed: true, failures: 6 },
    ],
    [
      'leaves to Docker what Docker restarts',
      failed(5),
      { ...ended, patienceMs: FOR_EVER },
      {},
      { restart: false, confirmed: true, failures: 6 },
    ],
    [
      'judges by what it sees where nothing is known',
      undefined,
      hung,
      {},
      { restart: false, confirmed: false, failures: 1 },
    ],
  ])('%s', (_, before, sight, more, expected) => {
    const { restart, confirmed, standing } = judgeStanding(before, sight, { ...around, ...more });
    expect({ restart, confirmed, failures: standing.failures }).toEqual(expected);
  });

  test('is unsure of what began to fail, until that is confirmed or does not count', () => {
    expect(judgeStanding(stood(), hung, around).unsure).toBe(true);
    expect(judgeStanding(failed(1), hung, around).unsure).toBe(false);
    expect(judgeStanding(stood(), hung, { ...around, busy: true }).unsure).toBe(false);
    expect(judgeStanding(stood(), healthy(), around).unsure).toBe(false);
  });

  test('is confirmed once, with the look that makes it so', () => {
    expect(judgeStanding(failed(1), hung, around).justConfirmed).toBe(true);
    expect(judgeStanding(failed(2), hung, around).justConfirmed).toBe(false);
  });

  test('fails since the first failing look that counts', () => {
    expect(judgeStanding(stood(), { ...hung, starting: true }, around).standing.failingSince).toBeNull();
    expect(judgeStanding(stood(), hung, around).standing.failingSince).toBe(NOW);
    expect(judgeStanding(failed(3), hung, around).standing.failingSince).toBe(NOW - 3 * MINUTE);
    expect(judgeStanding(failed(3), healthy(), around).standing.failingSince).toBeNull();
  });

  test('doubles the wait after each restart, up to five minutes', () => {
    expect([0, 1, 2, 3, 4, 5, 60].map(restartBackoffMs)).toEqual([
      10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000,
    ]);
    const { standing } = judgeStanding(failed(3, { step: 2 }), hung, around);
    expect(standing).toMatchObject({ step: 3, restartedAt: NOW, restartAfter: NOW + 40_000 });
    expect(standing.restarts).toEqual([{ at: NOW, by: 'health', reason: 'Timeout' }]);
  });

  test('forgives former restarts after ten healthy minutes, and not before', () => {
    const before = { step: 4, restartAfter: NOW, restarts: [mark(MINUTE)] };
    const soon = judgeStanding(stood({ ...before, healthySince: NOW - 9 * MINUTE }), healthy(), around).standing;
    expect(soon).toMatchObject({ step: 4, restartAfter: NOW });
    const late = judgeStanding(stood({ ...before, healthySince: NOW - 10 * MINUTE }), healthy(), around).standing;
    expect(late).toMatchObject({ step: 0, restartAfter: null });
  });

  test('calls it a crash loop after more than five starts within ten minutes, whoever caused them', () => {
    const five = [1, 2, 3, 4, 5].map((ago) => mark(ago * MINUTE, ago % 2 ? 'docker' : 'health'));
    expect(judgeStanding(stood({ restarts: five }), healthy(), around).crashLooping).toBe(false);
    expect(judgeStanding(stood({ restarts: five }), healthy({ restarts: [mark(0)] }), around).crashLooping).toBe(true);
    const old = [...five.slice(1), mark(10 * MINUTE)];
    expect(judgeStanding(stood({ restarts: old }), healthy({ restarts: [mark(0)] }), around).crashLooping).toBe(false);
  });

  test('tries what loops at the longest wait at once, whoever caused the starts before, and goes on trying', () => {
    const docker = (count: number) => Array.from({ length: count }, (_, ago) => mark((ago + 1) * MINUTE));
    const fourth = judgeStanding(stood({ restarts: docker(4) }), ended, around);
    expect(fourth).toMatchObject({ restart: true, crashLooping: false, standing: { restartAfter: NOW + 10_000 } });
    const sixth = judgeStanding(stood({ restarts: docker(5) }), ended, around);
    expect(sixth).toMatchObject({ restart: true, crashLooping: true, standing: { restartAfter: NOW + 300_000 } });
    const next = judgeStanding(sixth.standing, ended, { ...around, nowMs: NOW + 300_000 });
    expect(next).toMatchObject({ restart: true, standing: { step: 2 } });
  });

  test('remembers the last twenty restarts', () => {
    const many = Array.from({ length: 20 }, (_, index) => mark((20 - index) * MINUTE));
    const { restarts } = judgeStanding(failed(3, { restarts: many }), hung, around).standing;
    expect(restarts).toHaveLength(20);
    expect(restarts.at(-1)).toEqual({ at: NOW, by: 'health', reason: 'Timeout' });
  });
});
