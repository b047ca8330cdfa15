import { describe, expect, test } from 'vitest';
import { startTestRedis } from '../testing/test-redis.ts';
import { judgeRedis } from './check-queue.ts';
import { readRedisInfo } from './redis-info.ts';
import { Secret } from './secret.ts';

describe('readRedisInfo', () => {
  test('gives what the checks read, of a real Redis, and says when it is away', async ({ skip }) => {
    const redis = await startTestRedis(['--requirepass', 'geheim', '--maxmemory-policy', 'volatile-lru']);
    if (!redis) return skip('no redis-server is installed');
    const url = new Secret(redis.url.replace('redis://', 'redis://:geheim@'));
    try {
      const checks = judgeRedis(await readRedisInfo(url));
      const of = (id: string) => checks.find((check) => check.id === id);
      expect(of('redis.version')?.status).not.toBe('fail');
      expect(of('redis.eviction')).toMatchObject({ status: 'fail', detail: expect.stringContaining('volatile-lru') });
      expect(of('redis.persistence')?.status).toBe('warn');
      await expect(readRedisInfo(new Secret(redis.url.replace('redis://', 'redis://:wrong@')))).rejects.toThrow();
    } finally {
      await redis.stop();
    }
    await expect(readRedisInfo(url)).rejects.toThrow(/ECONNREFUSED/);
  });
});
