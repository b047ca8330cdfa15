import { ConfigError, type Environment } from '@berth/shared/runtime/config';
import { describe, expect, test } from 'vitest';
import { parseHealthWorkerConfig } from './config.ts';

const needed = {
  DATABASE_URL: 'postgresql://berth@localhost/berth',
  BERTH_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
};

/** The names of the settings that are refused. */
function refused(environment: Environment): string[] {
  try {
    parseHealthWorkerConfig({ ...needed, ...environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((line) => line.split(':', 1)[0] ?? '').sort();
    throw error;
  }
  return [];
}

describe('parseHealthWorkerConfig', () => {
  test('looks each minute for ten seconds, each five minutes from outside, acts at the second failure, keeps two weeks', () => {
    expect(parseHealthWorkerConfig(needed)).toMatchObject({
      CHECK_INTERVAL_SECONDS: 60,
      HEALTH_TIMEOUT_SECONDS: 10,
      EDGE_CHECK_SECONDS: 300,
      HEALTH_FAILURES: 2,
      HEALTH_START_SECONDS: 60,
      HEALTH_RETENTION_DAYS: 14,
    });
  });

  test.each([
    ['CHECK_INTERVAL_SECONDS', '0'],
    ['CHECK_INTERVAL_SECONDS', 'never'],
    ['HEALTH_TIMEOUT_SECONDS', '61'],
    ['EDGE_CHECK_SECONDS', '-1'],
    ['HEALTH_FAILURES', '0'],
    ['HEALTH_RETENTION_DAYS', '0'],
  ])('refuses %s=%s', (name, value) => {
    expect(refused({ [name]: value })).toEqual([name]);
  });

  test('takes 0 for never to look from outside', () => {
    expect(parseHealthWorkerConfig({ ...needed, EDGE_CHECK_SECONDS: '0' }).EDGE_CHECK_SECONDS).toBe(0);
  });
});
