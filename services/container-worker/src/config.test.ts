import { ConfigError, type Environment } from '@berth/shared/runtime/config';
import { describe, expect, test } from 'vitest';
import { parseContainerWorkerConfig } from './config.ts';

const needed = {
  DATABASE_URL: 'postgresql://berth@localhost/berth',
  BERTH_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
};

function problemsOf(environment: Environment): readonly string[] {
  try {
    parseContainerWorkerConfig({ ...needed, ...environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseContainerWorkerConfig', () => {
  test('needs nothing but the database and the key', () => {
    expect(parseContainerWorkerConfig(needed)).toMatchObject({
      HOST_ID: expect.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/),
      DOCKER_HOST: 'unix:///var/run/docker.sock',
      CUSTOMER_PORT_START: 3100,
      CUSTOMER_PORT_END: 3999,
      BERTH_SUBNET_POOL: '10.200.0.0/16',
      HOST_MEMORY_OVERCOMMIT: 1,
      HEALTH_START_SECONDS: 60,
      IMAGE_PULL_SECONDS: 600,
      LOG_RETENTION_DAYS: 14,
      LOG_SITE_BYTES: 10_000_000,
    });
  });

  test('names everything that is missing or wrong at once', () => {
    const problems = problemsOf({
      DATABASE_URL: undefined,
      BERTH_SECRETS_KEY: 'short',
      HOST_ID: 'Upper_Case',
      CUSTOMER_PORT_START: '80',
      HEALTH_START_SECONDS: 'soon',
    });
    expect(problems.map((line) => line.split(':')[0]).sort()).toEqual([
      'BERTH_SECRETS_KEY',
      'CUSTOMER_PORT_START',
      'DATABASE_URL',
      'HEALTH_START_SECONDS',
      'HOST_ID',
    ]);
  });

  test('never repeats a secret', () => {
    const problems = problemsOf({ BERTH_SECRETS_KEY: 'geheim-but-too-short', DATABASE_URL: 'mysql://u:geheim@h/d' });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('geheim');
  });

  test.each([
    ['CUSTOMER_PORT_START', '3099', 'the staging ports'],
    ['CUSTOMER_PORT_END', '4000', 'the reserved ports'],
    ['CUSTOMER_PORT_START', '3100.5', 'half a port'],
    ['HOST_ID', '-alpha', 'a host id that begins with a dash'],
    ['HOST_ID', 'a'.repeat(33), 'a host id of 33 letters'],
    ['DOCKER_HOST', '/var/run/docker.sock', 'a bare path'],
    ['DOCKER_HOST', 'ssh://host', 'a protocol that is not spoken'],
    ['BERTH_SUBNET_POOL', '10.200.0.0/17', 'a pool with fewer than 4096 slots'],
    ['BERTH_SUBNET_POOL', '10.200.0.0', 'a pool without a length'],
    ['BERTH_SUBNET_POOL', '10.300.0.0/16', 'a pool that is no address'],
    ['BERTH_SUBNET_POOL', '10.200.7.0/16', 'a pool that does not begin where its network does'],
    ['BERTH_SUBNET_POOL', 'fd00::/16', 'a pool of IPv6'],
    ['HOST_MEMORY_OVERCOMMIT', '0', 'no memory at all'],
    ['HOST_MEMORY_OVERCOMMIT', '20.5', 'more than twenty times the memory'],
    ['HOST_MEMORY_OVERCOMMIT', '-1', 'less than nothing'],
    ['HOST_MEMORY_OVERCOMMIT', '1,5', 'a comma'],
    ['HEALTH_START_SECONDS', '0', 'no time to start at all'],
    ['IMAGE_PULL_SECONDS', '5', 'hardly any time to pull'],
  ])('refuses %s=%s: %s', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}: must`)]);
  });

  test('refuses a range of ports that ends before it begins', () => {
    expect(problemsOf({ CUSTOMER_PORT_START: '3200', CUSTOMER_PORT_END: '3199' })).toEqual([
      'CUSTOMER_PORT_END: must not be below CUSTOMER_PORT_START',
    ]);
    expect(problemsOf({ CUSTOMER_PORT_START: '3200', CUSTOMER_PORT_END: '3200' })).toEqual([]);
  });

  test.each(['unix:///run/user/1000/docker.sock', 'tcp://127.0.0.1:2375', 'http://127.0.0.1:2375'])(
    'takes DOCKER_HOST=%s',
    (value) => {
      expect(problemsOf({ DOCKER_HOST: value })).toEqual([]);
    },
  );

  test.each(['10.0.0.0/8', '10.200.0.0/16', '172.16.0.0/12'])('takes BERTH_SUBNET_POOL=%s', (value) => {
    expect(problemsOf({ BERTH_SUBNET_POOL: value })).toEqual([]);
  });
});
