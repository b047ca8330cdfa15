import { systemClock } from '@berth/shared/runtime/clock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDockerDisk } from '../adapters/docker-disk.ts';
import { makeReadEngine } from '../adapters/docker-engine.ts';
import { makeLinuxNetwork } from '../adapters/linux-network.ts';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { listen } from '../testing/hold-ports.ts';
import { lookUntil, numbersOf, orderSite, rows } from '../testing/placed-site.ts';
import { makeCheckHost } from './check-host.ts';

describe('the checks of a host', () => {
  let host: ContainerHost;

  beforeAll(async () => {
    host = await startContainerHost();
  });
  afterAll(() => host.stop());

  async function check(id: string) {
    const { db, docker } = host;
    const run = makeCheckHost({
      db,
      clock: systemClock,
      hostId: host.id,
      subnetPool: '10.200.0.0/16',
      minFreeBytes: 1,
      readEngine: makeReadEngine(docker),
      disk: makeDockerDisk(docker, 'unix:'),
      protection: { check: async () => undefined },
      network: makeLinuxNetwork(),
    });
    return (await run(new AbortController().signal)).find((one) => one.id === id);
  }

  test('find a port that a stranger holds, and none that a site has', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    expect(await check('host.ports')).toMatchObject({ status: 'ok' });
    const { port } = await numbersOf(host, site);
    const [free] = await rows<{ port: number }>(
      host,
      'select port from port_allocations where placement_id is null and port > $1 order by port limit 1',
      [port],
    );
    const stranger = await listen(free?.port ?? 0);
    expect(await check('host.ports')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining(`${free?.port}`),
    });
    stranger?.close();
  });

  test('find a network of others that has addresses of the pool, and none of Berth’s own', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    expect(await check('host.subnets')).toMatchObject({ status: 'ok' });
    const IPAM = { Driver: 'default', Config: [{ Subnet: '10.200.240.0/24' }] };
    const network = await host.docker.createNetwork({ Name: 'shop', IPAM });
    expect(await check('host.subnets')).toMatchObject({ status: 'fail', detail: expect.stringContaining('shop') });
    await network.remove();
  });

  test('say that Docker does not answer', async () => {
    await host.simulator.control.away();
    expect(await check('docker.answers')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('DOCKER_HOST'),
    });
    await host.simulator.control.back();
    await expect.poll(() => check('docker.version')).toMatchObject({ status: 'ok' });
  });
});
