import { requestDeletion } from '@berth/shared/store/request-changes';
import type { Effects } from '@berth/shared/testing/effects';
import { exerciseReconciler, type World } from '@berth/shared/testing/exercise-reconciler';
import { stillWork } from '@berth/shared/testing/still-work';
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { discardSite, makeStrangers, rebuild, seeOurs, seeStrangers } from '../testing/docker-world.ts';
import { licenceKey, lookUntil, numbersOf, orderSite, type PlacedSite, passStartTime } from '../testing/placed-site.ts';
import { makeReconcileContainer } from './reconcile-container.ts';

let host: ContainerHost;

beforeAll(async () => {
  host = await startContainerHost();
  await makeStrangers(host);
});
afterAll(() => host.stop());

function driftsOf(site: PlacedSite): World['drifts'] {
  const container = () => host.docker.getContainer(site.name);
  return {
    'container removed': () => container().remove({ force: true }),
    'container stopped': () => container().stop(),
    'container killed by hand': () => container().kill(),
    'container died': async () => host.simulator.control.killContainer(site.name),
    'container renamed': () => container().rename({ name: `${site.name}-renamed` }),
    'another memory limit': () =>
      rebuild(host, site.name, (options) => ({ ...options, HostConfig: { ...options.HostConfig, Memory: 64e6 } })),
    'another share of the processor': () =>
      rebuild(host, site.name, (options) => ({ ...options, HostConfig: { ...options.HostConfig, NanoCpus: 2e9 } })),
    'made from something else': () =>
      rebuild(host, site.name, (options) => ({ ...options, Labels: { ...options.Labels, 'berth.mark': 'other' } })),
    'of another release': () =>
      rebuild(host, site.name, (options) => ({ ...options, Labels: { ...options.Labels, 'berth.release': '7' } })),
    'network removed': async () => {
      await container().stop();
      await host.docker.getNetwork(site.name).remove();
    },
    'network with other addresses': async () => {
      await container().stop();
      const { Labels } = await host.docker.getNetwork(site.name).inspect();
      await host.docker.getNetwork(site.name).remove();
      await host.docker.createNetwork({ Name: site.name, Labels });
    },
    'container and network removed': async () => {
      await container().remove({ force: true });
      await host.docker.getNetwork(site.name).remove();
    },
  };
}

async function makeWorld(): Promise<World> {
  const site = await orderSite(host);
  return {
    reconcile: (effects: Effects) =>
      makeReconcileContainer(host.deps(effects))(stillWork('container', site.siteId, site.placementId)),
    observe: () => seeOurs(host, site),
    wantGone: async () => {
      await requestDeletion(host.db, site.key, site.domain, site.by());
    },
    observeStrangers: () => seeStrangers(host),
    drifts: driftsOf(site),
    close: () => discardSite(host, site),
  };
}

describe('reconcileContainer', () => {
  exerciseReconciler({ makeWorld, pauseMs: 5 });
});

describe('the container of an order', () => {
  let site: PlacedSite;
  let shown: Docker.ContainerInspectInfo;

  beforeAll(async () => {
    const envEnc = host.vault.encrypt(JSON.stringify({ GREETING: 'Grüß Gott', DELQHI_CUSTOMER_ID: 'somebody-else' }));
    site = await orderSite(host, { envEnc });
    await lookUntil(host, site, 'Healthy');
    shown = await host.docker.getContainer(site.name).inspect();
  });

  test('has the name of the seed and publishes port 3000 on the placement’s port of loopback, nowhere else', async () => {
    const { port } = await numbersOf(host, site);
    expect(shown.Name).toBe(`/customer-${site.key}`);
    expect(shown.HostConfig.PortBindings).toEqual({ '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] });
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  test('has 512 MB, half a processor, and is restarted unless it was stopped', () => {
    expect(shown.HostConfig).toMatchObject({
      Memory: 512 * 1024 ** 2,
      MemorySwap: 512 * 1024 ** 2,
      NanoCpus: 5e8,
      RestartPolicy: { Name: 'unless-stopped' },
    });
  });

  test('has no capabilities, no new privileges, a limit of processes, an init, and rotates its log', () => {
    expect(shown.HostConfig).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 256,
      Init: true,
      ReadonlyRootfs: true,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    });
  });

  test('may write its root and keeps Docker’s capabilities without NET_RAW when its order asks to be compatible', async () => {
    const compatible = await orderSite(host, { profile: 'compatible' });
    await lookUntil(host, compatible, 'Healthy');
    expect((await host.docker.getContainer(compatible.name).inspect()).HostConfig).toMatchObject({
      CapDrop: ['NET_RAW'],
      ReadonlyRootfs: false,
      SecurityOpt: ['no-new-privileges'],
    });
  });

  test('knows its customer and licence key, and the order’s environment, which cannot replace them', () => {
    expect(shown.Config.Env).toEqual(
      expect.arrayContaining([
        'GREETING=Grüß Gott',
        `DELQHI_CUSTOMER_ID=${site.key}`,
        `DELQHI_LICENSE_KEY=${licenceKey}`,
      ]),
    );
    expect(shown.Config.Env).not.toContain('DELQHI_CUSTOMER_ID=somebody-else');
  });

  test('carries whose it is', () => {
    expect(shown.Config.Labels).toMatchObject({
      'berth.site': site.siteId,
      'berth.placement': site.placementId,
      'berth.release': '1',
      'berth.generation': '1',
    });
  });

  test('hangs on a network of its own, with the sixteen addresses of its slot', async () => {
    const { slot } = await numbersOf(host, site);
    const network = await host.docker.getNetwork(site.name).inspect();
    const first = `10.200.${Math.floor(slot / 16)}.${(slot % 16) * 16}`;
    expect(network).toMatchObject({
      IPAM: { Config: [{ Subnet: `${first}/28` }] },
      Options: { 'com.docker.network.bridge.enable_icc': 'false', 'com.docker.network.bridge.name': `berth${slot}` },
      Labels: { 'berth.site': site.siteId, 'berth.placement': site.placementId },
    });
    expect(Object.keys(shown.NetworkSettings.Networks)).toEqual([site.name]);
    expect(Object.keys(network.Containers ?? {})).toEqual([shown.Id]);
  });

  test('is probed on the health path of the order', async () => {
    const elsewhere = await orderSite(host, { healthPath: '/' });
    expect((await lookUntil(host, elsewhere, 'Healthy')).status).toBe('true');
    const nowhere = await orderSite(host, { healthPath: '/nowhere' });
    await lookUntil(host, nowhere, 'ContainerStarting');
    await passStartTime(host, nowhere);
    const { message } = await lookUntil(host, nowhere, 'ContainerUnhealthy');
    expect(message).toContain('/nowhere');
  });
});
