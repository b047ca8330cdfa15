import { type Clock, systemClock } from '@berth/shared/runtime/clock';
import { silentLog } from '@berth/shared/runtime/log';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { openQueues } from '@berth/shared/runtime/queues';
import { Secret } from '@berth/shared/runtime/secret';
import { makeTrafficReadings } from '@berth/shared/store/traffic-readings';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import { describe, expect, test } from 'vitest';
import { makeWatcherWorld } from '../testing/watcher-world.ts';
import { keepReading } from './keep-reading.ts';

/** Nothing is over by itself: whoever waits goes on when he is woken. */
const stillClock: Clock = { ...systemClock, wait: (_ms, signal) => systemClock.wait(3_600_000, signal) };

describe('the reading of traffic', () => {
  test('begins anew by the hint of a scheduler, without anybody waiting for the time', async () => {
    const world = await makeWatcherWorld();
    const queueDatabase = await makeTestDatabase();
    const queues = await openQueues({ databaseUrl: new Secret(queueDatabase.url), log: silentLog });
    const readings = makeTrafficReadings(world.db, world.account.id);
    let finished = 0;
    const stop = await keepReading({
      what: 'traffic',
      queues,
      clock: stillClock,
      log: silentLog,
      owner: 'one',
      everyMs: 300,
      metrics: makeMetrics(),
      accountId: world.account.id,
      ready: Promise.resolve(),
      read: async () => 0,
      readings: {
        ...readings,
        finish: async (...end) => {
          await readings.finish(...end);
          finished += 1;
        },
      },
    });
    try {
      await expect.poll(() => finished, { timeout: 60_000 }).toBeGreaterThan(2);
    } finally {
      await stop();
      await queues.close();
      await world.close();
      await queueDatabase.drop();
    }
  });
});
