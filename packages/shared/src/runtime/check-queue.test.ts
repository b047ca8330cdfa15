import { describe, expect, test } from 'vitest';
import { checkQueue, judgeRedis } from './check-queue.ts';

const good = {
  redis_version: '7.2.11',
  maxmemory_policy: 'noeviction',
  aof_enabled: '1',
  aof_last_write_status: 'ok',
  used_memory: '1000000',
  maxmemory: '0',
};
const info = (changed: Partial<typeof good> = {}) =>
  `# Server\r\n${Object.entries({ ...good, ...changed })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')}`;

describe('judgeRedis', () => {
  test('finds nothing with a good server', () => {
    for (const check of judgeRedis(info())) expect(check).toMatchObject({ status: 'ok', fix: '' });
  });

  test.each([
    ['redis.version', { redis_version: '4.0.9' }, 'fail', '4.0.9'],
    ['redis.version', { redis_version: '6.0.16' }, 'warn', '6.0.16'],
    ['redis.eviction', { maxmemory_policy: 'allkeys-lru' }, 'fail', 'allkeys-lru'],
    ['redis.persistence', { aof_enabled: '0' }, 'warn', 'no append-only file'],
    ['redis.persistence', { aof_last_write_status: 'err' }, 'fail', 'cannot be written'],
    ['redis.memory', { used_memory: '95', maxmemory: '100' }, 'warn', '95 %'],
  ] as const)('%s of %j: %s', (id, changed, status, words) => {
    const check = judgeRedis(info(changed)).find((one) => one.id === id);
    expect(check).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(check?.fix).not.toBe('');
  });
});

describe('checkQueue', () => {
  test('says where the queues are', async () => {
    const words = async (kind?: 'postgres' | 'redis') => (await checkQueue(kind && { kind }, async () => info()))[0];
    expect(await words()).toMatchObject({ status: 'ok', detail: expect.stringContaining('timers') });
    expect(await words('postgres')).toMatchObject({ detail: expect.stringContaining('Postgres') });
    expect(await words('redis')).toMatchObject({ detail: 'in Redis' });
  });

  test('says that Redis does not answer, and what that costs', async () => {
    const away = () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:6379'));
    expect(await checkQueue({ kind: 'redis' }, away)).toMatchObject([
      { id: 'redis.answers', status: 'fail', detail: expect.stringContaining('ECONNREFUSED') },
    ]);
  });
});
