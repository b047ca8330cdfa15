import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { makeHints } from './hints.ts';

describe('hints', () => {
  function world(hint: (queue: string, ids: readonly string[]) => Promise<void>) {
    const lines: string[] = [];
    const time = { ms: 0 };
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    return { hints: makeHints({ queues: { hint }, log, now: () => time.ms }), lines, time };
  }
  const tell = (queue: string, conditionId: string) => ({ queue, conditionId });

  test('go to each queue in one call, each once', async () => {
    const calls: [string, readonly string[]][] = [];
    const { hints } = world(async (queue, ids) => void calls.push([queue, ids]));
    hints.send([tell('edge', 'a'), tell('domain', 'b'), tell('edge', 'a')]);
    hints.send([tell('edge', 'c')]);
    hints.send([]);
    await hints.flush();
    expect(calls).toEqual([
      ['edge', ['a', 'c']],
      ['domain', ['b']],
    ]);
  });

  test('hold nobody up while the queue says nothing', async () => {
    let answer = (): void => undefined;
    const { hints } = world(() => new Promise((resolve) => (answer = resolve)));
    hints.send([tell('edge', 'a')]);
    const flushed = hints.flush();
    await new Promise((resolve) => setImmediate(resolve));
    hints.send([tell('edge', 'b')]);
    answer();
    await flushed;
  });

  test('say once a minute that they are lost, and throw nothing', async () => {
    const { hints, lines, time } = world(() => Promise.reject(new Error('away')));
    for (const ms of [0, 1000, 59_999, 60_001, 60_002]) {
      time.ms = ms;
      hints.send([tell('edge', 'a')]);
      await hints.flush();
    }
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('timers take over');
  });
});
