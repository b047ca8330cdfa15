import { describe, expect, test } from 'vitest';
import { type HostFacts, type HostWants, judgeHost } from './judge-host.ts';

const good: HostFacts = {
  engine: { version: '20.10.24', liveRestore: true, seccomp: true, foreignNetworks: [] },
  unprotected: undefined,
  freeBytes: 50e9,
  listening: new Set([22, 8080]),
  routes: [{ device: 'eth0', network: '192.168.1.0/24' }],
  clockSkewMs: 20,
};
const wants: HostWants = { subnetPool: '10.200.0.0/16', minFreeBytes: 1e9, freePorts: [3100, 3101, 3102] };
const engine = (changed: Partial<HostFacts['engine']>) => ({ engine: { ...good.engine, ...changed } });
const judge = (id: string, changed: Partial<HostFacts> = {}) =>
  judgeHost({ ...good, ...changed }, wants).find((check) => check.id === id);

describe('judgeHost', () => {
  test('finds nothing on a good host, and then says nothing to do', () => {
    for (const check of judgeHost(good, wants)) expect(check).toMatchObject({ status: 'ok', fix: '' });
  });

  test.each([
    ['docker.version', engine({ version: '19.03.15' }), 'fail', '19.03.15'],
    ['docker.live-restore', engine({ liveRestore: false }), 'fail', 'takes all sites of this host down'],
    ['docker.seccomp', engine({ seccomp: false }), 'warn', 'without seccomp'],
    ['host.firewall', { unprotected: 'iptables is not there' }, 'fail', 'iptables is not there'],
    ['docker.disk', { freeBytes: 5e8 }, 'fail', '500 MB are free'],
    ['docker.disk', { freeBytes: 1.5e9 }, 'warn', '1500 MB are free'],
    ['host.ports', { listening: new Set([3101, 3200]) }, 'warn', 'at 3101;'],
    ['host.subnets', { routes: [{ device: 'wg0', network: '10.0.0.0/8' }] }, 'fail', 'the route by wg0 (10.0.0.0/8)'],
    [
      'host.subnets',
      engine({ foreignNetworks: [{ name: 'shop', subnet: '10.200.3.0/24' }] }),
      'fail',
      "Docker's network shop (10.200.3.0/24)",
    ],
    ['host.clock', { clockSkewMs: -3000 }, 'warn', '3.0 s behind'],
    ['host.clock', { clockSkewMs: 60_000 }, 'fail', '60.0 s ahead'],
  ] as const)('%s of %j: %s', (id, changed, status, words) => {
    const check = judge(id, changed);
    expect(check).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(check?.fix).not.toBe('');
  });

  test('names a network once, though its route is there too', () => {
    const foreignNetworks = [{ name: 'shop', subnet: '10.200.3.0/24' }];
    const routes = [{ device: 'br-1', network: '10.200.3.0/24' }];
    expect(judge('host.subnets', { ...engine({ foreignNetworks }), routes })?.detail.match(/10\.200\.3/g)).toHaveLength(
      1,
    );
  });

  test('takes no harm from what it can not see', () => {
    const blind = { freeBytes: undefined, listening: undefined, routes: undefined };
    for (const check of judgeHost({ ...good, ...blind }, wants)) expect(check.status).toBe('ok');
  });
});
