import { describe, expect, test } from 'vitest';
import { forEachSome } from './for-each-some.ts';

describe('forEachSome', () => {
  test('does some at a time and keeps their order', async () => {
    let running = 0;
    let most = 0;
    const results = await forEachSome([3, 1, 2, 5, 4], 2, async (turns) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      running -= 1;
      return turns * 10;
    });
    expect(results).toEqual([30, 10, 20, 50, 40]);
    expect(most).toBe(2);
  });

  test('begins nothing after a failure', async () => {
    const begun: number[] = [];
    const work = async (number: number) => {
      begun.push(number);
      if (number === 2) throw new Error('two');
    };
    await expect(forEachSome([1, 2, 3, 4], 1, work)).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });
});
