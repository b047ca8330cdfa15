import { makeHandClock } from '@berth/shared/testing/hand-clock';
import { describe, expect, test } from 'vitest';
import { allAtOnce } from './all-at-once.ts';

const QUICK = 2;
const SLOW_MS = 50;

/** Work that ends when a test says so. */
function makeWork() {
  const begun: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  return {
    begun,
    end: (one: number, error?: Error) => ends.get(one)?.(error),
    work: (one: number) =>
      new Promise<number>((resolve, reject) => {
        begun.push(one);
        ends.set(one, (error) => (error ? reject(error) : resolve(one)));
      }),
  };
}

/** Until all that is to follow at once has followed. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('allAtOnce', () => {
  test('begins so many at once, and the next ones as others end', async () => {
    const { begun, end, work } = makeWork();
    const bounds = { clock: makeHandClock(), atOnce: QUICK, givesWayAfterMs: SLOW_MS };
    const all = allAtOnce([1, 2, 3, 4], bounds, work);
    await settled();
    expect(begun).toEqual([1, 2]);
    end(2);
    await settled();
    expect(begun).toEqual([1, 2, 3]);
    end(1);
    await settled();
    expect(begun).toEqual([1, 2, 3, 4]);
    end(4);
    end(3);
    expect(await all).toEqual([1, 2, 3, 4]);
  });

  test('lets those that hang hold up nobody, each for so long only, and begins no more at once for it', async () => {
    const clock = makeHandClock();
    const { begun, end, work } = makeWork();
    const all = allAtOnce([1, 2, 3, 4, 5, 6], { clock, atOnce: QUICK, givesWayAfterMs: SLOW_MS }, work);
    await settled();
    clock.pass(SLOW_MS - 1);
    await settled();
    expect(begun).toEqual([1, 2]);
    clock.pass(1);
    await settled();
    expect(begun).toEqual([1, 2, 3, 4]);
    // They have given their places away: that they end makes no room.
    end(1);
    end(2);
    await settled();
    expect(begun).toEqual([1, 2, 3, 4]);
    clock.pass(SLOW_MS);
    await settled();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
    for (const one of [3, 4, 5, 6]) end(one);
    expect(await all).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('gives the place of one that fails to the next', async () => {
    const { begun, end, work } = makeWork();
    const bounds = { clock: makeHandClock(), atOnce: 1, givesWayAfterMs: SLOW_MS };
    const all = allAtOnce([1, 2], bounds, work);
    const failed = expect(all).rejects.toThrow('the host stops');
    await settled();
    end(1, new Error('the host stops'));
    await settled();
    expect(begun).toEqual([1, 2]);
    end(2);
    await failed;
  });
});
