import { describe, expect, test } from 'vitest';
import { parseRedisUrl } from './redis-place.ts';

const place = (more: object) => ({
  ok: true,
  value: {
    kind: 'single',
    nodes: [{ host: 'localhost', port: 6379 }],
    master: undefined,
    username: undefined,
    password: undefined,
    sentinelPassword: undefined,
    db: 0,
    tls: false,
    ...more,
  },
});

describe('parseRedisUrl', () => {
  test.each([
    ['redis://localhost', {}],
    ['redis://localhost:6380/3', { nodes: [{ host: 'localhost', port: 6380 }], db: 3 }],
    ['rediss://berth:p%40ss%3Aword@localhost', { username: 'berth', password: 'p@ss:word', tls: true }],
    ['redis://:secret@[::1]:6379', { nodes: [{ host: '::1', port: 6379 }], password: 'secret' }],
    [
      'redis-sentinel://:secret@a:26380,b/1?master=berth&sentinelPassword=other',
      {
        kind: 'sentinel',
        nodes: [
          { host: 'a', port: 26_380 },
          { host: 'b', port: 26_379 },
        ],
        master: 'berth',
        password: 'secret',
        sentinelPassword: 'other',
        db: 1,
      },
    ],
    [
      'rediss-cluster://a:7000,b:7001',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 7001 },
        ],
        tls: true,
      },
    ],
  ])('reads %s', (text, more) => {
    expect(parseRedisUrl(text)).toEqual(place(more));
  });

  test.each([
    'http://localhost',
    'redis:localhost',
    'redis://',
    'redis://a,b',
    'redis://a:0',
    'redis://a:99999',
    'redis://a/x',
    'redis://a?unknown=1',
    'redis://us%er:hunter2@a',
    'redis-sentinel://a:26379',
    'redis-other://a',
  ])('refuses %s, without telling its password', (text) => {
    const result = parseRedisUrl(text);
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });
});
