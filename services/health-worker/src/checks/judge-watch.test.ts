import { describe, expect, test } from 'vitest';
import { judgeWatch, type WatchFacts } from './judge-watch.ts';

const good: WatchFacts = {
  dockerAway: undefined,
  followsEvents: true,
  systemdAway: undefined,
  ports: { published: 2, silent: [] },
  sweep: { lateSeconds: -30, error: null },
  clockSkewMs: 0,
};

describe('judgeWatch', () => {
  test.each([good, { ...good, sweep: undefined }, { ...good, ports: { published: 0, silent: [] } }])(
    'finds nothing on a good host, and then says nothing to do: %j',
    (facts) => {
      for (const check of judgeWatch(facts)) expect(check).toMatchObject({ status: 'ok', fix: '' });
    },
  );

  test.each([
    ['health.docker', { dockerAway: 'permission denied' }, 'fail', 'permission denied'],
    ['health.events', { followsEvents: false }, 'warn', 'not followed'],
    ['health.systemd', { systemdAway: 'status 1' }, 'fail', 'status 1'],
    ['health.ports', { ports: { published: 2, silent: [3100, 3101] } }, 'fail', '3100, 3101'],
    ['health.ports', { ports: { published: 2, silent: [3100] } }, 'warn', '3100'],
    ['health.sweeps', { sweep: { lateSeconds: 61, error: null } }, 'fail', 'late by 61 s'],
    ['health.sweeps', { sweep: { lateSeconds: 0, error: 'no rows' } }, 'fail', 'no rows'],
    ['host.clock', { clockSkewMs: 5000 }, 'warn', '5.0 s ahead'],
  ] as const)('%s of %j: %s', (id, changed, status, words) => {
    const check = judgeWatch({ ...good, ...changed }).find((one) => one.id === id);
    expect(check).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(check?.fix).not.toBe('');
  });
});
