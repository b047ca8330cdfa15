import { makeHandClock } from '@berth/shared/testing/hand-clock';
import { describe, expect, test } from 'vitest';
import { makePacedRound } from './paced-round.ts';

describe('a paced round', () => {
  test('looks at its own pace, however often it is asked to', async () => {
    const clock = makeHandClock();
    let looks = 0;
    const round = makePacedRound(clock, 1000, async () => {
      looks += 1;
      return false;
    });
    for (let asked = 0; asked < 5; asked += 1) await round.take();
    expect([looks, round.nextMs()]).toEqual([1, 1000]);
    clock.pass(1000);
    expect(round.nextMs()).toBe(0);
    await round.take();
    expect(looks).toBe(2);
    round.soon();
    await round.take();
    expect(looks).toBe(3);
  });

  test('goes on at once while there is more', async () => {
    let left = 3;
    const round = makePacedRound(makeHandClock(), 1000, async () => {
      left -= 1;
      return left > 0;
    });
    while ((await round.take()).more);
    expect(left).toBe(0);
    expect(round.nextMs()).toBe(1000);
  });

  test('waits for its time after a failure', async () => {
    const round = makePacedRound(makeHandClock(), 1000, () => Promise.reject(new Error('away')));
    await expect(round.take()).rejects.toThrow('away');
    expect(round.nextMs()).toBe(1000);
  });
});
