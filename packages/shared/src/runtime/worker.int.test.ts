import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settled } from '../domain/outcome.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { startTestRedis } from '../testing/test-redis.ts';
import { type Context, openContext } from './context.ts';
import { silentLog } from './log.ts';
import type { Reconciler } from './reconciler.ts';
import { Secret } from './secret.ts';
import { startWorker } from './worker.ts';

const patient = { timeout: 60_000, interval: 20 };

describe.each(['postgres', 'redis'] as const)('a worker with its queue on %s', (kind) => {
  let made: TestDatabase;
  let context: Context | undefined;
  let stopRedis: (() => Promise<void>) | undefined;

  beforeEach(async (world) => {
    made = await makeTestDatabase();
    const redis = kind === 'redis' ? await startTestRedis() : undefined;
    if (kind === 'redis' && !redis) world.skip('redis-server is not installed');
    stopRedis = redis?.stop;
    context = await openContext({
      databaseUrl: new Secret(made.url),
      redisUrl: redis && new Secret(redis.url),
      secretsKey: new Secret(randomBytes(32).toString('base64')),
      log: silentLog,
    });
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    await stopRedis?.();
    await made.drop();
  });

  async function start(zone: Reconciler) {
    if (!context) throw new Error('no context');
    const worker = await startWorker({ context, log: silentLog, serves: { domain: { zone } } });
    return { context, worker };
  }

  test('looks at a condition as soon as it is hinted', async () => {
    const seen: string[] = [];
    const { context: ours, worker } = await start(async ({ siteId }) => {
      seen.push(siteId);
      return settled('Fine');
    });
    const made = await makeConditions(ours.db, { count: 20 });
    ours.hints.send(made.map(({ conditionId }) => ({ conditionId, queue: 'domain' })));
    await expect.poll(() => seen.length, patient).toBe(20);
    expect(seen.sort()).toEqual(made.map((one) => one.siteId).sort());
    await worker.drain(1000);
  });

  test('drains and closes in time although a job of its queue never ends', async () => {
    let begun = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { context: ours, worker } = await start(() => {
      begun();
      return new Promise(() => undefined);
    });
    const [one] = await makeConditions(ours.db);
    ours.hints.send([{ conditionId: one?.conditionId ?? '', queue: 'domain' }]);
    await started;
    await worker.drain(100);
    await ours.close();
    context = undefined;
  });
});
