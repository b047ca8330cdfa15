import { startTestRedis, type TestRedis } from '@berth/shared/testing/test-redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const redis: TestRedis | undefined = await startTestRedis();

const DEADLOCK = '40P01';

let world: World;
let services: TestServices;
let api: ApiClient;

afterEach(async () => {
  await services?.stop();
  await world?.close();
});

afterAll(() => redis?.stop());

async function open(settings: Record<string, string>): Promise<void> {
  world = await openWorld({ activateAfterMs: 300, settings });
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
}

const ids = Array.from({ length: 10 }, (_, index) => `lost${index}`);
const order = (id: string) => api.order({ orderId: id, domain: `${id}.de`, customer: { id } });

async function allLive(): Promise<void> {
  for (const id of ids) await api.untilState(id, 'online');
  expect(world.simulators.docker.control.containers().length).toBe(ids.length);
  expect((await world.simulators.cloudflare.control.listTunnels()).length).toBe(ids.length);
}

/** Where the queue's own work on the same rows is in the way of that, Postgres may give way to it: they're deleted with the next round. */
const forget = (table: string) =>
  world.db.pool.query(`delete from ${table}`).catch((error: { code?: string }) => {
    if (error.code !== DEADLOCK) throw error;
  });

describe('orders go live all the same', () => {
  test('when there is no queue at all', async () => {
    await open({ BERTH_QUEUE: 'off' });
    await Promise.all(ids.map(order));
    await allLive();
  });

  test('when all jobs in Postgres are deleted again and again', async () => {
    await open({});
    await Promise.all(ids.map(order));
    const { rows } = await world.db.pool.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'bullmq' and tablename like '%job%'`,
    );
    expect(rows.length).toBeGreaterThan(0);
    await until('all sites are live', async () => {
      for (const { name } of rows) await forget(name);
      const live = await world.db.pool.query('select count(*)::int as n from sites where live_at is not null');
      return live.rows[0].n === ids.length;
    });
    await allLive();
  });

  test.skipIf(!redis)('when Redis forgets everything, is killed and comes back', async () => {
    await open({ REDIS_URL: redis?.url ?? '' });
    const client = new Redis(redis?.url ?? '', { lazyConnect: true });
    client.on('error', () => undefined);
    await Promise.all(ids.slice(0, 5).map(order));
    await client.flushall();
    client.disconnect();
    await redis?.kill();
    await Promise.all(ids.slice(5).map(order));
    for (const id of ids.slice(0, 3)) await api.untilState(id, 'online');
    await redis?.start();
    await allLive();
    const late = await api.order({ orderId: 'late', domain: 'late.de', customer: { id: 'late' } });
    expect(late.status).toBe(202);
    await api.untilState('late', 'online');
  });

  test.skipIf(!redis)('when Redis stays away', async () => {
    await open({ REDIS_URL: redis?.url ?? '' });
    await redis?.kill();
    await Promise.all(ids.map(order));
    await allLive();
  });
});
