import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeTurns } from './in-turn.ts';

const { signal } = new AbortController();

/** Work that goes on until it's told to end. */
function makeLine() {
  const inTurn = makeTurns();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    ask(kind: Parameters<typeof inTurn>[0], name: string, of = signal) {
      return inTurn(kind, of, () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      });
    },
    async end(name: string) {
      ends.get(name)?.();
      await setImmediate();
    },
  };
}

describe('makeTurns', () => {
  test('lets four go on at once, and then the one that is nearest to its end', async () => {
    const line = makeLine();
    for (const name of ['1', '2', '3', '4']) line.ask('network', name);
    line.ask('network', 'network of 5');
    line.ask('network', 'network of 6');
    line.ask('create', 'create 1');
    line.ask('start', 'start 2');
    await setImmediate();
    expect(line.begun).toEqual(['1', '2', '3', '4']);
    for (const name of ['1', '2', '3', '4']) await line.end(name);
    expect(line.begun.slice(4)).toEqual(['start 2', 'create 1', 'network of 5', 'network of 6']);
  });

  test('does not begin what was given up while it waited, and goes on with the next', async () => {
    const line = makeLine();
    for (const name of ['1', '2', '3', '4']) line.ask('start', name);
    const given = new AbortController();
    const waiting = expect(line.ask('start', 'given up', given.signal)).rejects.toThrow('too late');
    line.ask('start', '5');
    await setImmediate();
    given.abort(new Error('too late'));
    await line.end('1');
    await waiting;
    await setImmediate();
    expect(line.begun).toEqual(['1', '2', '3', '4', '5']);
  });

  test('gives the turn on when work fails', async () => {
    const inTurn = makeTurns();
    const fail = () => inTurn('create', signal, () => Promise.reject(new Error('no')));
    for (let n = 0; n < 9; n += 1) await expect(fail()).rejects.toThrow('no');
  });
});
