import { connect } from 'node:net';
import { systemClock } from '@berth/shared/runtime/clock';
import { silentLog } from '@berth/shared/runtime/log';
import { openQueues } from '@berth/shared/runtime/queues';
import { Secret } from '@berth/shared/runtime/secret';
import { startTestRedis } from '@berth/shared/testing/test-redis';
import { afterAll, describe, expect, test } from 'vitest';
import { keepScheduled } from './keep-scheduled.ts';

const redis = await startTestRedis();
const patient = { timeout: 60_000, interval: 20 };

afterAll(() => redis?.stop());

/** What an operator does with `redis-cli flushall`. */
function flushAll(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('FLUSHALL\r\n'));
    socket.once('error', reject);
    socket.once('data', (answer: Buffer) => {
      socket.destroy();
      if (answer.toString().startsWith('+OK')) resolve();
      else reject(new Error(answer.toString()));
    });
  });
}

describe.skipIf(!redis)("a host's sweeps in Redis", () => {
  test('are arranged and hinted at again when it has forgotten everything, and when it was started anew', async () => {
    const url = redis?.url ?? '';
    const queues = await openQueues({ redisUrl: new Secret(url), databaseUrl: new Secret(''), log: silentLog });
    let hints = 0;
    const host = {
      lookNow: async () => {
        hints += 1;
      },
    };
    const settings = { queues, hostId: 'one', sweeps: { untilDueMs: async () => 0 }, host };
    const unschedule = await keepScheduled({ ...settings, intervalMs: 200, clock: systemClock, log: silentLog });
    const arranged = () =>
      queues
        .open('health-one')
        .getJobSchedulers()
        .then((all) => all.length)
        .catch(() => undefined);
    const further = async () => {
      const before = hints;
      await expect.poll(() => hints, patient).toBeGreaterThan(before + 1);
      await expect.poll(arranged, patient).toBe(1);
    };
    await further();
    await flushAll(redis?.port ?? 0);
    await further();
    await redis?.kill();
    await redis?.start();
    await further();
    await unschedule();
    await queues.close();
  });
});
