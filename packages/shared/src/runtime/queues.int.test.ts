import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../store/database.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { makeHints } from './hints.ts';
import { silentLog } from './log.ts';
import { openQueues, type Queues } from './queues.ts';
import { Secret } from './secret.ts';

const redis = await startTestRedis();
const patient = { timeout: 15_000, interval: 20 };

afterAll(() => redis?.stop());

/** Something that a test ends when it likes. */
function latch(): { opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe.each(['postgres', 'redis'] as const)('queues on %s', (kind) => {
  let db: Database;
  let url: string;
  let drop: () => Promise<void>;
  let count = 0;
  const open: Queues[] = [];

  beforeAll(async () => {
    ({ url, drop } = await makeTestDatabase());
    db = openDatabase({ url });
  });
  afterEach(() => Promise.all(open.splice(0).map((queues) => queues.close())));
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const start = async (): Promise<Queues> => {
    const queues = await openQueues({
      databaseUrl: new Secret(url),
      ...(kind === 'redis' && redis && { redisUrl: new Secret(redis.url) }),
      log: silentLog,
    });
    open.push(queues);
    return queues;
  };
  const newName = () => {
    count += 1;
    return `queue-${kind}-${count}`;
  };
  const jobsOf = (queues: Queues, name: string) =>
    queues.open(name).getJobs(['waiting', 'active', 'delayed', 'completed', 'failed', 'prioritized']);

  const runs = test.skipIf(kind === 'redis' && !redis);

  runs('are where they were asked for', async () => {
    expect((await start()).kind).toBe(kind);
  });

  runs('bring a hint to a worker of another process, with nothing in it but the id', async () => {
    const [sender, taker] = [await start(), await start()];
    const name = newName();
    const seen: string[] = [];
    await taker.serve(name, 5, async (id) => {
      seen.push(id);
    });
    await sender.hint(name, ['one', 'two']);
    await expect.poll(() => seen.sort(), patient).toEqual(['one', 'two']);
    await expect.poll(() => sender.open(name).getCompletedCount(), patient).toBe(2);
    for (const job of await jobsOf(sender, name)) {
      expect(job).toMatchObject({ name: 'condition.reconcile', data: { conditionId: expect.any(String) } });
      expect(Object.keys(job.data)).toEqual(['conditionId']);
    }
  });

  runs('make one job of hints that say the same', async () => {
    const queues = await start();
    const name = newName();
    await Promise.all(Array.from({ length: 20 }, () => queues.hint(name, ['same', 'same', 'other'])));
    const seen: string[] = [];
    await queues.serve(name, 1, async (id) => {
      seen.push(id);
    });
    await expect.poll(() => queues.open(name).getCompletedCount(), patient).toBe(2);
    expect(seen.sort()).toEqual(['other', 'same']);
  });

  runs('keep a hint that comes while its job runs, and of many such one', async () => {
    const queues = await start();
    const name = newName();
    const [begun, go] = [latch(), latch()];
    let times = 0;
    await queues.serve(name, 5, async () => {
      times += 1;
      begun.open();
      await go.opened;
    });
    await queues.hint(name, ['one']);
    await begun.opened;
    for (let n = 0; n < 5; n += 1) await queues.hint(name, ['one']);
    expect(times).toBe(1);
    go.open();
    await expect.poll(() => queues.open(name).getCompletedCount(), patient).toBe(2);
    expect(times).toBe(2);
    expect(await queues.open(name).getWaitingCount()).toBe(0);
  });

  runs('keep a job that failed as failed, try it once, and take the next hint all the same', async () => {
    const queues = await start();
    const name = newName();
    let times = 0;
    await queues.serve(name, 5, async () => {
      times += 1;
      if (times === 1) throw new Error('Docker did not answer');
    });
    await queues.hint(name, ['one']);
    await expect.poll(() => queues.open(name).getFailedCount(), patient).toBe(1);
    const [failed] = await queues.open(name).getFailed();
    expect(failed).toMatchObject({ failedReason: 'Docker did not answer', attemptsMade: 1 });
    expect(times).toBe(1);
    await queues.hint(name, ['one']);
    await expect.poll(() => queues.open(name).getCompletedCount(), patient).toBe(1);
    expect(await queues.open(name).getFailedCount()).toBe(1);
  });

  runs('keep a hint that comes while its job runs and fails', async () => {
    const queues = await start();
    const name = newName();
    const [begun, go] = [latch(), latch()];
    let times = 0;
    await queues.serve(name, 5, async () => {
      times += 1;
      begun.open();
      await go.opened;
      if (times === 1) throw new Error('no');
    });
    await queues.hint(name, ['one']);
    await begun.opened;
    await queues.hint(name, ['one']);
    go.open();
    await expect.poll(() => queues.open(name).getCompletedCount(), patient).toBe(1);
    expect(times).toBe(2);
  });

  runs('end with what is under way when asked to stop serving, and take nothing after it', async () => {
    const queues = await start();
    const name = newName();
    const [begun, go] = [latch(), latch()];
    const seen: string[] = [];
    const stop = await queues.serve(name, 1, async (id) => {
      begun.open();
      await go.opened;
      seen.push(id);
    });
    await queues.hint(name, ['one', 'two']);
    await begun.opened;
    const stopped = stop();
    go.open();
    await stopped;
    expect(seen).toEqual(['one']);
    expect(await queues.open(name).getWaitingCount()).toBe(1);
  });

  runs('close in time although a job never ends, and leave no connection', async () => {
    const before = await connections();
    const queues = await start();
    const name = newName();
    const begun = latch();
    await queues.serve(name, 1, () => {
      begun.open();
      return new Promise<void>(() => undefined);
    });
    await queues.hint(name, ['one']);
    await begun.opened;
    const startedAt = performance.now();
    await queues.close();
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await expect.poll(connections, patient).toBe(before);
  });

  runs('open nothing any more once they are closed', async () => {
    const before = await connections();
    const queues = await start();
    await queues.hint(newName(), ['one']);
    await queues.close();
    await expect(queues.hint(newName(), ['late'])).rejects.toThrow();
    await expect.poll(connections, patient).toBe(before);
  });

  async function connections(): Promise<number> {
    if (kind === 'redis' && redis) return redisClients(redis);
    const { rows } = await db.pool.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and query not like '%pg_stat_activity%'`,
    );
    return rows[0]?.n ?? 0;
  }
});

async function redisClients({ url }: TestRedis): Promise<number> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  try {
    const list = String(await client.client('LIST'));
    return list.trim().split('\n').length;
  } finally {
    client.disconnect();
  }
}

describe('queues whose backend goes away', () => {
  const runs = test.skipIf(!redis);
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
    const startedAt = performance.now();
    hints.send([{ queue: 'edge', conditionId: 'lost' }]);
    expect(performance.now() - startedAt).toBeLessThan(50);
    await hints.flush();
    expect(performance.now() - startedAt).toBeLessThan(3000);
    await own.start();
    await expect
      .poll(
        async () => {
          hints.send([{ queue: 'edge', conditionId: 'after' }]);
          await hints.flush();
          return seen.includes('after');
        },
        { timeout: 15_000, interval: 100 },
      )
      .toBe(true);
  });

  runs('close in time while Redis is away', async () => {
    const { own, queues } = await serveOn();
    await own.kill();
    const startedAt = performance.now();
    await queues.close();
    expect(performance.now() - startedAt).toBeLessThan(5000);
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
    const startedAt = performance.now();
    await queues.close();
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test('never hold up a sender when Postgres refuses', async () => {
    const own = await makeTestDatabase();
    const queues = await openQueues({ databaseUrl: new Secret(own.url), log: silentLog });
    open.push(queues);
    await queues.serve('edge', 5, async () => undefined);
    await queues.hint('edge', ['before']);
    await own.drop();
    const hints = hintsOver(queues);
    const startedAt = performance.now();
    hints.send([{ queue: 'edge', conditionId: 'lost' }]);
    expect(performance.now() - startedAt).toBeLessThan(50);
    await hints.flush();
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});
