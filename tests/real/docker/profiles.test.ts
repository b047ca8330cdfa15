import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSiteHost, type SiteHost } from '../../../services/container-worker/src/testing/container-host.ts';
import {
  lookUntil,
  orderSite,
  passStartTime,
  releasesOf,
} from '../../../services/container-worker/src/testing/placed-site.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { startRegistry, type TestRegistry } from '../engine/start-registry.ts';
import { runInContainer } from './run-in-container.ts';

/** Docker's default capabilities without NET_RAW, as the kernel writes them. */
const COMPATIBLE = '00000000a80405fb';

describe('the profile of an order, on a real Engine', () => {
  let engine: Engine;
  let registry: TestRegistry;
  let host: SiteHost;

  beforeAll(async () => {
    engine = await startEngine();
    await importSiteImages(engine.docker, 'berth-test/site:1', 'berth-test/ordinary:1');
    registry = await startRegistry(['berth-test/ordinary:1']);
    host = await openSiteHost(engine.docker);
  });
  afterAll(async () => {
    await host.stop();
    await registry.stop();
    await engine.stop();
  });

  const inside = async (name: string, script: string) => (await runInContainer(engine.docker, name, script)).output;

  test('strict: the root cannot be written, and there is memory for what is temporary', async () => {
    const site = await orderSite(host, { image: 'berth-test/site:1' });
    await lookUntil(host, site, 'Healthy');
    expect(await inside(site.name, 'touch /state')).toContain('Read-only file system');
    expect(await inside(site.name, 'touch /tmp/state /run/state && echo written')).toBe('written');
    expect(await inside(site.name, 'cp /bin/busybox /tmp/run && /tmp/run true')).toContain('Permission denied');
  });

  test('strict: an ordinary image, which needs more, does not get healthy', async () => {
    const site = await orderSite(host, { image: 'berth-test/ordinary:1' });
    await lookUntil(host, site, 'ContainerStarting');
    await passStartTime(host, site);
    await lookUntil(host, site, 'ContainerUnhealthy');
  });

  test('compatible: an ordinary image writes its root and drops to its user, without NET_RAW or new privileges', async () => {
    const site = await orderSite(host, { image: 'berth-test/ordinary:1', profile: 'compatible' });
    await lookUntil(host, site, 'Healthy');
    const status = await inside(site.name, 'grep -E "CapBnd|NoNewPrivs" /proc/1/status');
    expect(status.split(/\s+/)).toEqual(['CapBnd:', COMPATIBLE, 'NoNewPrivs:', '1']);
    expect(await inside(site.name, 'ls -n /state')).toMatch(/^-rw-r--r--\s+1 1000\s+1000\s/);
    expect(await inside(site.name, 'ping -c 1 -W 1 127.0.0.1')).toContain('permission denied');
  });

  test('comes with a deploy, and goes when that deploy fails', async () => {
    const site = await orderSite(host, { image: 'berth-test/site:1' });
    await lookUntil(host, site, 'Healthy');
    const image = registry.referenceOf('berth-test/ordinary:1');
    const deploy = (profile: 'strict' | 'compatible') =>
      requestDeploy(host.db, site.key, { image, licenseKeyEnc: null, profile }, site.by());
    const profile = async () => (await engine.docker.getContainer(site.name).inspect()).HostConfig.CapDrop;

    await deploy('compatible');
    await lookUntil(host, site, 'Healthy');
    expect(await profile()).toEqual(['NET_RAW']);
    await deploy('strict');
    await lookUntil(host, site, 'ContainerStarting');
    await passStartTime(host, site);
    await lookUntil(host, site, 'Healthy');
    expect(await profile()).toEqual(['NET_RAW']);
    expect(await releasesOf(host, site)).toMatchObject([
      { outcome: 'superseded' },
      { outcome: 'running' },
      { outcome: 'failed' },
    ]);
  });
});
