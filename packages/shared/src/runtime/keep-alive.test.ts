import { afterEach, describe, expect, test } from 'vitest';
import type { Hint } from '../contracts/jobs.ts';
import { makeHandClock } from '../testing/hand-clock.ts';
import { noHints } from './hints.ts';
import { type KeptAlive, keepAlive } from './keep-alive.ts';
import { silentLog } from './log.ts';

const running: KeptAlive[] = [];
afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));

/** What has no wait of a clock in it ends in a few turns of the event loop. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function start({ failures = 0, known = true } = {}) {
  const clock = makeHandClock();
  const stand = { clock, registrations: 0, beats: 0, known };
  const kept = keepAlive({
    clock,
    log: silentLog,
    hints: noHints,
    async register(): Promise<Hint[]> {
      stand.registrations += 1;
      if (stand.registrations <= failures) throw new Error('Docker is away');
      return [];
    },
    async beat() {
      stand.beats += 1;
      return stand.known;
    },
  });
  running.push(kept);
  await settle();
  return stand;
}

describe('keepAlive', () => {
  test('renews the lease every ten seconds, and not more often', async () => {
    const stand = await start();
    expect(stand).toMatchObject({ registrations: 1, beats: 0 });
    for (const beats of [1, 2, 3]) {
      stand.clock.pass(9_999);
      await settle();
      expect(stand.beats).toBe(beats - 1);
      stand.clock.pass(1);
      await settle();
      expect(stand.beats).toBe(beats);
    }
    expect(stand.registrations).toBe(1);
  });

  test('tries again every two seconds while it cannot register', async () => {
    const stand = await start({ failures: 2 });
    for (const registrations of [2, 3]) {
      stand.clock.pass(2000);
      await settle();
      expect(stand).toMatchObject({ registrations, beats: 0 });
    }
    stand.clock.pass(10_000);
    await settle();
    expect(stand).toMatchObject({ registrations: 3, beats: 1 });
  });

  test('registers again at once when its beat is told that it is unknown', async () => {
    const stand = await start({ known: false });
    stand.clock.pass(10_000);
    await settle();
    expect(stand).toMatchObject({ registrations: 2, beats: 1 });
  });
});
