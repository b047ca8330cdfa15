import { ConfigError, type Environment } from '@berth/shared/runtime/config';
import { describe, expect, test } from 'vitest';
import { parseTunnelWorkerConfig } from './config.ts';

const shared = {
  DATABASE_URL: 'postgresql://berth@localhost/berth',
  BERTH_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
};
const account = { CF_API_TOKEN: 'token', CF_ACCOUNT_ID: '5e1d000000000000000000000000beef' };
const parse = (more: Environment = {}) => parseTunnelWorkerConfig({ ...shared, ...account, ...more });

/** The names of the settings that are refused. */
function refused(environment: Environment): string[] {
  try {
    parseTunnelWorkerConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((line) => line.split(':', 1)[0] ?? '').sort();
    throw error;
  }
  return [];
}

describe('parseTunnelWorkerConfig', () => {
  test("takes the seed's paths, and both rooms, when nothing else is said", () => {
    const config = parse();
    expect(config).toMatchObject({
      TUNNEL_CONFIG_DIR: '/etc/cloudflared',
      SYSTEMD_UNIT_DIR: '/etc/systemd/system',
      CLOUDFLARED_PATH: '/usr/local/bin/cloudflared',
      SYSTEMCTL_PATH: '/usr/bin/systemctl',
      LOG_RETENTION_DAYS: 14,
      LOG_SITE_BYTES: 10_000_000,
      hasHostRoom: true,
    });
    expect(config.edge).toMatchObject({ CF_ACCOUNT_ID: account.CF_ACCOUNT_ID, CF_BUDGET_PER_5_MIN: 1200 });
    expect(config.HOST_ID).toMatch(/^[a-z0-9][a-z0-9-]{0,31}$/);
  });

  test('needs no token where only the host room runs, and keeps none', () => {
    const config = parseTunnelWorkerConfig({ ...shared, TUNNEL_ROOMS: 'host' });
    expect(config).toMatchObject({ edge: undefined, hasHostRoom: true });
    expect(parse({ TUNNEL_ROOMS: 'host' })).not.toHaveProperty('CF_API_TOKEN');
  });

  test.each(['edge', 'edge,host', 'host,edge'])('needs the account for the rooms %s', (rooms) => {
    expect(parse({ TUNNEL_ROOMS: rooms }).hasHostRoom).toBe(rooms !== 'edge');
    expect(refused({ ...shared, TUNNEL_ROOMS: rooms })).toEqual(['CF_ACCOUNT_ID', 'CF_API_TOKEN']);
  });

  test('says all that is missing at once, by name', () => {
    expect(refused({})).toEqual(['BERTH_SECRETS_KEY', 'CF_ACCOUNT_ID', 'CF_API_TOKEN', 'DATABASE_URL']);
    expect(refused({ TUNNEL_ROOMS: 'cellar' })).toEqual([
      'BERTH_SECRETS_KEY',
      'CF_ACCOUNT_ID',
      'CF_API_TOKEN',
      'DATABASE_URL',
      'TUNNEL_ROOMS',
    ]);
  });

  test.each([
    ['TUNNEL_ROOMS', 'edge,edge'],
    ['HOST_ID', 'Host_1'],
    ['HOST_ID', 'x'.repeat(33)],
    ['TUNNEL_CONFIG_DIR', 'etc/cloudflared'],
    ['TUNNEL_CONFIG_DIR', '/etc/cloud flared'],
    ['SYSTEMD_UNIT_DIR', '/etc/%d'],
    ['SYSTEMCTL_PATH', 'systemctl'],
    ['CLOUDFLARED_PATH', '/usr/local/bin/cloudflared --x'],
    ['EDGE_ADDRESS', 'edge.example.com'],
    ['EDGE_ADDRESS', 'https://edge.example.com:443'],
    ['EDGE_CA_FILE', 'ca.pem'],
    ['CF_ACCOUNT_ID', 'mine'],
    ['CF_API_BASE_URL', 'api.cloudflare.com'],
    ['CF_BUDGET_PER_5_MIN', '1'],
    ['DATABASE_URL', 'mysql://localhost/berth'],
    ['BERTH_SECRETS_KEY', 'short'],
  ])('refuses %s=%s', (name, value) => {
    expect(refused({ ...shared, ...account, [name]: value })).toEqual([name]);
  });

  test('shows no secret when it is printed', () => {
    expect(JSON.stringify(parse({ CF_API_TOKEN: 'very-secret' }))).not.toContain('very-secret');
  });
});
