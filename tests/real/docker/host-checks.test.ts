import { systemClock } from '@berth/shared/runtime/clock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDockerDisk } from '../../../services/container-worker/src/adapters/docker-disk.ts';
import { makeReadEngine } from '../../../services/container-worker/src/adapters/docker-engine.ts';
import { makeLinuxNetwork } from '../../../services/container-worker/src/adapters/linux-network.ts';
import { makeCheckHost } from '../../../services/container-worker/src/checks/check-host.ts';
import { openSiteHost, type SiteHost } from '../../../services/container-worker/src/testing/container-host.ts';
import { lookUntil, orderSite } from '../../../services/container-worker/src/testing/placed-site.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';

describe('the checks of a host with a real Engine', () => {
  let engine: Engine;
  let host: SiteHost;

  beforeAll(async () => {
    engine = await startEngine({ liveRestore: false });
    await importSiteImages(engine.docker, 'berth-test/site:1');
    host = await openSiteHost(engine.docker);
    const site = await orderSite(host, { image: 'berth-test/site:1' });
    await lookUntil(host, site, 'Healthy');
  });
  afterAll(async () => {
    await host.stop();
    await engine.stop();
  });

  async function check() {
    const run = makeCheckHost({
      db: host.db,
      clock: systemClock,
      hostId: host.id,
      subnetPool: '10.200.0.0/16',
      minFreeBytes: 1,
      readEngine: makeReadEngine(engine.docker),
      disk: makeDockerDisk(engine.docker, engine.dockerHost),
      protection: { check: async () => undefined },
      network: makeLinuxNetwork(),
    });
    const checks = await run(new AbortController().signal);
    return Object.fromEntries(checks.map((one) => [one.id, one]));
  }

  test('see its version, its filter, its disk, and that its containers would end with it', async () => {
    expect(await check()).toMatchObject({
      'docker.version': { status: 'ok', detail: expect.stringMatching(/^\d+\.\d+/) },
      'docker.seccomp': { status: 'ok' },
      'docker.disk': { status: 'ok', detail: expect.stringMatching(/^\d+ MB are free$/) },
      'docker.live-restore': { status: 'fail' },
    });
  });

  test('take a site’s own network and port for no stranger’s, and find those of others', async () => {
    expect(await check()).toMatchObject({ 'host.subnets': { status: 'ok' }, 'host.ports': { status: 'ok' } });
    const IPAM = { Driver: 'default', Config: [{ Subnet: '10.200.240.0/24' }] };
    const network = await engine.docker.createNetwork({ Name: 'shop', IPAM });
    const found = (await check())['host.subnets'];
    expect(found).toMatchObject({ status: 'fail', detail: expect.stringContaining("Docker's network shop") });
    await network.remove();
  });
});
