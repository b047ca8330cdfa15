import { describe, expect, test } from 'vitest';
import type { ServerFacts } from '../store/read-server.ts';
import { judgePostgres } from './check-postgres.ts';

const good: ServerFacts = {
  versionNumber: 180_004,
  version: '18.4',
  clockMs: 0,
  migrations: 9,
  unfinished: null,
  maxConnections: 100,
  connections: 12,
  isStandby: false,
};

describe('judgePostgres', () => {
  test('finds nothing with a good server', () => {
    for (const check of judgePostgres(good)) expect(check).toMatchObject({ status: 'ok', fix: '' });
  });

  test.each([
    ['postgres.version', { versionNumber: 120_018, version: '12.18' }, 'fail', '12.18'],
    ['postgres.version', { versionNumber: 130_018, version: '13.18' }, 'warn', 'no more fixes'],
    ['postgres.migrations', { unfinished: '20261124000000_core' }, 'fail', '20261124000000_core'],
    ['postgres.primary', { isStandby: true }, 'fail', 'standby'],
    ['postgres.connections', { connections: 95 }, 'warn', '95 of 100'],
  ] as const)('%s of %j: %s', (id, changed, status, words) => {
    const check = judgePostgres({ ...good, ...changed }).find((one) => one.id === id);
    expect(check).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(check?.fix).not.toBe('');
  });
});
