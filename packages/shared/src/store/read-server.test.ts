import { describe, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { readClockSkew } from './read-server.ts';

/** The skew of a clock that says `before` at the question and `after` at the answer, while the server's said `looked` in between. */
function skewOf({ before, looked, after }: { before: number; looked: number; after: number }): Promise<number> {
  const run = async () => [{ ms: looked }];
  const says = [before, after];
  return readClockSkew({ run } as unknown as Pick<Database, 'run'>, () => says.shift() ?? Number.NaN);
}

describe('readClockSkew', () => {
  test.each([
    ['an answer at once', { before: 1000, looked: 1002, after: 1005 }, 0],
    ['a question that came late to the server', { before: 1000, looked: 9000, after: 9001 }, 0],
    ['an answer that was late, as on a machine that stood still', { before: 1000, looked: 1001, after: 9000 }, 0],
    ['a clock that is ahead', { before: 61_000, looked: 1002, after: 61_005 }, 59_998],
    ['a clock that is behind', { before: 1000, looked: 61_002, after: 1005 }, -59_997],
  ])('of %s', async (_, clocks, skew) => {
    expect(await skewOf(clocks)).toBe(skew);
  });
});
