import { describe, expect, test } from 'vitest';
import { type ConnectorFacts, judgeConnectors } from './judge-connectors.ts';

const good: ConnectorFacts = {
  systemd: '252.36-1~deb12u1',
  cloudflared: '2026.8.2',
  inContainer: false,
  unwritable: [],
  clockSkewMs: 0,
  now: new Date('2026-11-25T12:00:00Z'),
};

describe('judgeConnectors', () => {
  test('finds nothing on a good host, and then says nothing to do', () => {
    for (const check of judgeConnectors(good)) expect(check).toMatchObject({ status: 'ok', fix: '' });
  });

  test('does not complain of a program that a worker in a container cannot see', () => {
    const seen = judgeConnectors({ ...good, cloudflared: undefined, inContainer: true });
    expect(seen.find(({ id }) => id === 'cloudflared.version')).toMatchObject({ status: 'ok', fix: '' });
  });

  test.each([
    ['systemd.version', { systemd: '246' }, 'fail', 'ProtectProc'],
    ['systemd.version', { systemd: undefined }, 'fail', 'does not answer'],
    ['cloudflared.version', { cloudflared: undefined }, 'warn', 'not there'],
    ['cloudflared.version', { cloudflared: '2022.12.1' }, 'fail', '2022.12.1'],
    ['cloudflared.version', { cloudflared: '2025.9.0' }, 'warn', 'for a year'],
    [
      'connectors.folders',
      { unwritable: [{ setting: 'TUNNEL_CONFIG_DIR', dir: '/etc/cloudflared', why: 'is not there' }] },
      'fail',
      '/etc/cloudflared (TUNNEL_CONFIG_DIR): is not there',
    ],
    ['host.clock', { clockSkewMs: 5000 }, 'warn', '5.0 s ahead'],
  ] as const)('%s of %j: %s', (id, changed, status, words) => {
    const check = judgeConnectors({ ...good, ...changed }).find((one) => one.id === id);
    expect(check).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(check?.fix).not.toBe('');
  });
});
