import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeTurns } from './in-turn.ts';

const { signal } = new AbortController();

/** Work that goes on until it's told to end. */
function makeLine() {
  const turns = makeTurns(4);
  const { inTurn } = turns;
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    turns,
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
    const { inTurn } = makeTurns(4);
    const fail = () => inTurn('create', signal, () => Promise.reject(new Error('no')));
    for (let n = 0; n < 9; n += 1) await expect(fail()).rejects.toThrow('no');
  });

  test('keeps one turn for all that belongs together, and takes it with the first call', async () => {
    const line = makeLine();
    const site = (name: string) =>
      line.turns.keep(async () => {
        await line.ask('network', `network of ${name}`);
        await line.ask('start', `start ${name}`);
      });
    const sites = ['1', '2', '3', '4', '5'].map(site);
    await setImmediate();
    await line.end('network of 1');
    expect(line.begun.slice(4)).toEqual(['start 1']);
    await line.end('start 1');
    await sites[0];
    expect(line.begun.slice(5)).toEqual(['network of 5']);
  });

  test('lets others go on while a kept turn is given back, also when what belongs together fails', async () => {
    const line = makeLine();
    const site = (name: string) =>
      line.turns.keep(async () => {
        await line.ask('network', name);
        line.turns.giveBack();
        line.turns.giveBack();
        await line.ask('create', `create ${name}`);
        throw new Error('no');
      });
    const sites = ['1', '2', '3', '4'].map((name) => expect(site(name)).rejects.toThrow('no'));
    const others = ['5', '6'].map((name) => line.ask('start', name));
    await setImmediate();
    await line.end('1');
    expect(line.begun.slice(4)).toEqual(['5']);
    await line.end('2');
    expect(line.begun.slice(5)).toEqual(['6']);
    for (const name of ['5', '6', '3', '4']) await line.end(name);
    for (const name of ['1', '2', '3', '4']) await line.end(`create ${name}`);
    await Promise.all([...sites, ...others]);
    for (const name of ['a', 'b', 'c', 'd', 'e']) void line.ask('start', name);
    await setImmediate();
    expect(line.begun.slice(-4)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('takes one turn for calls that are made side by side, and none for longer than it is kept', async () => {
    const line = makeLine();
    let later: Promise<void> | undefined;
    const kept = line.turns.keep(async () => {
      await Promise.all([line.ask('network', 'a'), line.ask('network', 'b')]);
      later = setImmediate().then(() => line.ask('start', 'later'));
    });
    await setImmediate();
    await line.end('a');
    await line.end('b');
    await kept;
    await setImmediate();
    await line.end('later');
    await later;
    for (const name of ['1', '2', '3', '4', '5']) void line.ask('start', name);
    await setImmediate();
    expect(line.begun.slice(-5)).toEqual(['later', '1', '2', '3', '4']);
  });
});
