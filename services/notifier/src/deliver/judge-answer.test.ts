import { describe, expect, test } from 'vitest';
import { judgeAnswer } from './judge-answer.ts';

const refused = { kind: 'refused', code: 500, problem: 'answered 500' } as const;

describe('judgeAnswer', () => {
  test('ends with what was taken, rejected or canceled', () => {
    expect(judgeAnswer({ kind: 'taken', code: 204 }, 1, [], 0)).toEqual({ state: 'delivered', code: 204 });
    expect(judgeAnswer({ kind: 'rejected', code: 550, problem: 'no' }, 1, [5], 0)).toMatchObject({ state: 'failed' });
    expect(judgeAnswer({ kind: 'canceled', code: 410, problem: 'no' }, 1, [5], 0)).toMatchObject({ state: 'canceled' });
  });

  test('tries again after the wait that the table has for this try, with up to a tenth more', () => {
    expect(judgeAnswer(refused, 2, [10, 100], 0)).toMatchObject({ state: 'pending', againMs: 100 });
    expect(judgeAnswer(refused, 2, [10, 100], 0.99)).toMatchObject({ againMs: 110 });
  });

  test('waits longer where the place asks for it, never shorter', () => {
    expect(judgeAnswer({ ...refused, retryAfterMs: 5000 }, 1, [10], 0)).toMatchObject({ againMs: 5000 });
    expect(judgeAnswer({ ...refused, retryAfterMs: 5 }, 1, [10], 0)).toMatchObject({ againMs: 10 });
  });

  test('gives up at the end of the table', () => {
    expect(judgeAnswer(refused, 3, [10, 100], 0)).toEqual({
      state: 'failed',
      code: 500,
      error: 'answered 500; given up after 3 tries',
    });
  });
});
