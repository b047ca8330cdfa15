import { describe, expect, test } from 'vitest';
import { gather } from './gather.ts';

describe('gather', () => {
  /** calls that end when the test says so */
  function makeCalls(answerOf: (key: string) => string = (key) => `answer of ${key}`) {
    const calls: string[][] = [];
    const ends: (() => void)[] = [];
    return {
      calls,
      endOne: () => ends.shift()?.(),
      async call(keys: readonly string[]): Promise<Map<string, string>> {
        calls.push([...keys]);
        await new Promise<void>((resolve) => ends.push(resolve));
        return new Map(keys.map((key) => [key, answerOf(key)]));
      },
    };
  }
  const settings = { atMost: 3, mayBeOne: () => true };
  const turn = () => new Promise(setImmediate);

  test('asks at once while idle, and for all that came meanwhile after that, some at a time', async () => {
    const world = makeCalls();
    const ask = gather(world.call, settings);
    const answers = Promise.all(['a', 'b', 'c', 'd', 'e'].map(ask));
    for (let n = 0; n < 3; n += 1) {
      world.endOne();
      await turn();
    }
    expect(await answers).toEqual(['a', 'b', 'c', 'd', 'e'].map((key) => `answer of ${key}`));
    expect(world.calls).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    const again = ask('a');
    world.endOne();
    expect(await again).toBe('answer of a');
  });

  test('asks once for a key that several wait for, and anew for one whose call is under way', async () => {
    const world = makeCalls();
    const ask = gather(world.call, settings);
    const answers = Promise.all([ask('a'), ask('a'), ask('a'), ask('b')]);
    for (let n = 0; n < 2; n += 1) {
      world.endOne();
      await turn();
    }
    await answers;
    expect(world.calls).toEqual([['a'], ['a', 'b']]);
  });

  test('asks for each alone when one of them may have failed them all', async () => {
    const asked: string[][] = [];
    const ask = gather(async (keys) => {
      asked.push([...keys]);
      if (keys.includes('bad')) throw new Error('bad');
      return new Map(keys.map((key) => [key, key]));
    }, settings);
    const results = await Promise.allSettled(['first', 'a', 'bad', 'b'].map(ask));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(asked).toEqual([['first'], ['a', 'bad', 'b'], ['a'], ['bad'], ['b']]);
  });

  test('fails all together when the failure can not be that of one', async () => {
    const ask = gather<string>(() => Promise.reject(new Error('away')), { atMost: 9, mayBeOne: () => false });
    const results = await Promise.allSettled(['a', 'b', 'c'].map(ask));
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
  });
});
