import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSiteHost, type SiteHost } from '../../../services/container-worker/src/testing/container-host.ts';
import {
  licenceKey,
  lookUntil,
  numbersOf,
  orderSite,
  type PlacedSite,
} from '../../../services/container-worker/src/testing/placed-site.ts';
import { askSite } from '../engine/ask-site.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { runInContainer } from './run-in-container.ts';

describe('the container of an order, on a real Engine', () => {
  let engine: Engine;
  let host: SiteHost;
  let site: PlacedSite;
  let shown: Docker.ContainerInspectInfo;

  beforeAll(async () => {
    engine = await startEngine();
    await importSiteImages(engine.docker, 'berth-test/site:1');
    host = await openSiteHost(engine.docker);
    const envEnc = host.vault.encrypt(JSON.stringify({ GREETING: 'Grüß Gott' }));
    site = await orderSite(host, { envEnc, image: 'berth-test/site:1' });
    await lookUntil(host, site, 'Healthy');
    shown = await engine.docker.getContainer(site.name).inspect();
  });
  afterAll(async () => {
    await host.stop();
    await engine.stop();
  });

  const inside = async (script: string) => (await runInContainer(engine.docker, site.name, script)).output;
  const statusOf = async (pid: string) =>
    Object.fromEntries((await inside(`cat /proc/${pid}/status`)).split('\n').map((line) => line.split(/:\s*/)));

  test('has the name of the seed and answers on its port of 127.0.0.1, on no other address of the host', async () => {
    const { port } = await numbersOf(host, site);
    expect(shown.Name).toBe(`/customer-${site.key}`);
    expect(shown.NetworkSettings.Ports).toEqual({ '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] });
    expect(await (await askSite(port)).text()).toBe('berth-test/site:1\n');
    const gateway = shown.NetworkSettings.Networks[site.name]?.Gateway ?? '';
    await expect(fetch(`http://${gateway}:${port}/`)).rejects.toThrow();
  });

  test('has 512 MB and half a processor', async () => {
    const { output } = await runInContainer(
      engine.docker,
      site.name,
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us || cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max',
    );
    expect(output.split(/\s+/).slice(-3)).toEqual([String(512 * 1024 ** 2), '50000', '100000']);
    expect(shown.HostConfig).toMatchObject({ Memory: 512 * 1024 ** 2, MemorySwap: 512 * 1024 ** 2, NanoCpus: 5e8 });
  });

  test('has no capabilities, no new privileges, and system calls are filtered', async () => {
    for (const pid of ['1', 'self']) {
      expect(await statusOf(pid), pid).toMatchObject({
        CapEff: '0000000000000000',
        CapPrm: '0000000000000000',
        CapBnd: '0000000000000000',
        NoNewPrivs: '1',
        Seccomp: '2',
      });
    }
  });

  test('may have 256 processes', async () => {
    const limit = await inside('cat /sys/fs/cgroup/pids/pids.max || cat /sys/fs/cgroup/pids.max');
    expect(limit.split('\n').at(-1)).toBe('256');
  });

  test('is restarted unless it was stopped, has an init, and rotates its log', async () => {
    expect(shown.HostConfig).toMatchObject({
      RestartPolicy: { Name: 'unless-stopped' },
      Init: true,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    });
    expect((await statusOf('1')).Name).toBe('docker-init');
  });

  test('knows its customer, its licence key and the order’s environment', async () => {
    const environment = (await inside('env')).split('\n');
    expect(environment).toContain(`DELQHI_CUSTOMER_ID=${site.key}`);
    expect(environment).toContain(`DELQHI_LICENSE_KEY=${licenceKey}`);
    expect(environment).toContain('GREETING=Grüß Gott');
  });

  test('carries whose it is', () => {
    expect(shown.Config.Labels).toMatchObject({
      'berth.site': site.siteId,
      'berth.placement': site.placementId,
      'berth.release': '1',
      'berth.generation': '1',
    });
  });

  test('hangs on a network of its own, with the sixteen addresses of its slot and without IPv6', async () => {
    const { slot } = await numbersOf(host, site);
    const network = await engine.docker.getNetwork(site.name).inspect();
    const first = `10.200.${Math.floor(slot / 16)}.${(slot % 16) * 16}`;
    expect(network).toMatchObject({ EnableIPv6: false, IPAM: { Config: [{ Subnet: `${first}/28` }] } });
    expect(await inside('ip -o link | cut -d: -f2')).toMatch(/^lo\n eth0@\S+$/);
    expect(await inside('ip -6 -o addr show dev eth0')).toBe('');
  });
});
