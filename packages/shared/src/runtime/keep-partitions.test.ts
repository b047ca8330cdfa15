import { describe, expect, test, vi } from 'vitest';
import { makeHandClock } from '../testing/hand-clock.ts';
import { keepPartitions } from './keep-partitions.ts';
import { silentLog } from './log.ts';

const HOUR = 3_600_000;

/** Until all that is to follow at once has followed. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('keepPartitions', () => {
  test('makes those that are missing and drops the old ones, at once and each hour, until it stops', async () => {
    const clock = makeHandClock();
    const did: string[] = [];
    const kept = keepPartitions({
      ensure: async () => void did.push('made'),
      drop: async () => {
        did.push('dropped');
        return ['checks_20200101'];
      },
      clock,
      log: silentLog,
    });
    await kept.ready;
    await settled();
    expect(did).toEqual(['made', 'dropped']);
    clock.pass(HOUR - 1);
    await settled();
    expect(did).toHaveLength(2);
    clock.pass(1);
    await settled();
    expect(did).toEqual(['made', 'dropped', 'made', 'dropped']);
    await kept.stop();
    clock.pass(HOUR);
    await settled();
    expect(did).toHaveLength(4);
  });

  test('tries again soon when it could not, and is ready only then', async () => {
    const clock = makeHandClock();
    const ensure = vi.fn(async () => undefined).mockRejectedValueOnce(new Error('the database is away'));
    let ready = false;
    const kept = keepPartitions({ ensure, drop: async () => [], clock, log: silentLog });
    void kept.ready.then(() => {
      ready = true;
    });
    await settled();
    expect([ensure.mock.calls.length, ready]).toEqual([1, false]);
    clock.pass(2000);
    await settled();
    expect([ensure.mock.calls.length, ready]).toEqual([2, true]);
    await kept.stop();
  });

  test('is ready with its end where it never was', async () => {
    const ensure = () => Promise.reject(new Error('the database is away'));
    const kept = keepPartitions({ ensure, drop: async () => [], clock: makeHandClock(), log: silentLog });
    await settled();
    await kept.stop();
    await expect(kept.ready).resolves.toBeUndefined();
  });
});
