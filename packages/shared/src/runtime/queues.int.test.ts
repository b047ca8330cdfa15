import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../store/database.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { silentLog } from './log.ts';
import { openQueues, type Queues } from './queues.ts';
import { Secret } from './secret.ts';

const redis = await startTestRedis();
const patient = { timeout: 60_000, interval: 20 };

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
  /** connections that are there without any queue: whoever asks Redis is one */
  const OWN = kind === 'redis' ? 1 : 0;

  runs('hint at sweeps again and again, and put back what was lost', patient, async () => {
    const queues = await start();
    const name = newName();
    let swept = 0;
    const taken = latch();
    await queues.serveSweeps(name, async () => {
      swept += 1;
      if (swept >= 2) taken.open();
    });
    const schedule = { hostId: 'one', everyMs: 200, startMs: Date.now() + 100 };
    await queues.scheduleSweeps(name, schedule);
    await taken.opened;
    await queues.open(name).obliterate({ force: true });
    await queues.open(name).removeJobScheduler('host.sweep');
    const before = swept;
    await queues.scheduleSweeps(name, { ...schedule, startMs: Date.now() });
    await queues.scheduleSweeps(name, { ...schedule, startMs: Date.now() });
    await expect.poll(() => swept, patient).toBeGreaterThan(before + 1);
    expect(await queues.open(name).getJobSchedulers()).toHaveLength(1);
  });

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
    // Those of the tests before go a moment after they were closed.
    await expect.poll(connections, patient).toBe(OWN);
    const queues = await start();
    const name = newName();
    const begun = latch();
    await queues.serve(name, 1, () => {
      begun.open();
      return new Promise<void>(() => undefined);
    });
    await queues.hint(name, ['one']);
    await begun.opened;
    await queues.close();
    await expect.poll(connections, patient).toBe(OWN);
  });

  runs('open nothing any more once they are closed', async () => {
    await expect.poll(connections, patient).toBe(OWN);
    const queues = await start();
    await queues.hint(newName(), ['one']);
    await queues.close();
    await expect(queues.hint(newName(), ['late'])).rejects.toThrow();
    await expect.poll(connections, patient).toBe(OWN);
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
