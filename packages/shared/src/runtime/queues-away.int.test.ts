import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase } from '../testing/test-database.ts';
import { startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { makeHints } from './hints.ts';
import { silentLog } from './log.ts';
import { openQueues, type Queues } from './queues.ts';
import { Secret } from './secret.ts';

const installed = await startTestRedis();
await installed?.stop();
const patient = { timeout: 60_000, interval: 20 };

describe('queues whose backend goes away', () => {
  const runs = test.skipIf(!installed);
  let url: string;
  let drop: () => Promise<void>;
  const open: Queues[] = [];
  const started = new Set<TestRedis>();

  beforeAll(async () => {
    ({ url, drop } = await makeTestDatabase());
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((queues) => queues.close()));
    for (const one of started) await one.stop();
    started.clear();
  });
  afterAll(() => drop());

  async function serveOn(): Promise<{ own: TestRedis; queues: Queues; seen: string[] }> {
    const own = await startTestRedis();
    if (!own) throw new Error('no redis-server');
    started.add(own);
    const queues = await openQueues({ databaseUrl: new Secret(url), redisUrl: new Secret(own.url), log: silentLog });
    open.push(queues);
    const seen: string[] = [];
    await queues.serve('edge', 5, async (id) => {
      seen.push(id);
    });
    await queues.hint('edge', ['before']);
    await expect.poll(() => seen, patient).toEqual(['before']);
    return { own, queues, seen };
  }
  const hintsOver = (queues: Queues) => makeHints({ queues, log: silentLog, now: () => performance.now() });

  runs('take new hints after all that Redis held was flushed', async () => {
    const { own, queues, seen } = await serveOn();
    const { Redis } = await import('ioredis');
    const client = new Redis(own.url);
    await client.flushall();
    client.disconnect();
    await queues.hint('edge', ['after']);
    await expect.poll(() => seen, patient).toEqual(['before', 'after']);
  });

  runs('take new hints after Redis was killed and came back', async () => {
    const { own, queues, seen } = await serveOn();
    await own.kill();
    const hints = hintsOver(queues);
    // Whoever sends gets nothing that could be waited for; whoever flushes is let go, though nobody answers.
    expect(hints.send([{ queue: 'edge', conditionId: 'lost' }])).toBeUndefined();
    await hints.flush();
    await own.start();
    await expect
      .poll(
        async () => {
          hints.send([{ queue: 'edge', conditionId: 'after' }]);
          await hints.flush();
          return seen.includes('after');
        },
        { timeout: 60_000, interval: 100 },
      )
      .toBe(true);
  });

  runs('close in time while Redis is away', async () => {
    const { own, queues } = await serveOn();
    await own.kill();
    await queues.close();
  });

  runs('open, hint and close without throwing where no Redis ever was', async () => {
    const queues = await openQueues({
      databaseUrl: new Secret(url),
      redisUrl: new Secret('redis://127.0.0.1:1'),
      log: silentLog,
    });
    const hints = hintsOver(queues);
    hints.send([{ queue: 'edge', conditionId: 'lost' }]);
    await hints.flush();
    await queues.close();
  });

  test('never hold up a sender when Postgres refuses', async () => {
    const own = await makeTestDatabase();
    const queues = await openQueues({ databaseUrl: new Secret(own.url), log: silentLog });
    open.push(queues);
    await queues.serve('edge', 5, async () => undefined);
    await queues.hint('edge', ['before']);
    await own.drop();
    const hints = hintsOver(queues);
    // Whoever sends gets nothing that could be waited for; whoever flushes is let go, though nobody answers.
    expect(hints.send([{ queue: 'edge', conditionId: 'lost' }])).toBeUndefined();
    await hints.flush();
  });
});
