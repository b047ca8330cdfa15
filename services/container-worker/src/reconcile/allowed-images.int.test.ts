import { parseImageAllowlist } from '@berth/shared/domain/image-allowlist';
import { requestRestart } from '@berth/shared/store/request-changes';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { look, lookUntil, orderSite, releasesOf } from '../testing/placed-site.ts';

describe('an image that the host’s IMAGE_ALLOWLIST does not name', () => {
  let host: ContainerHost;

  beforeAll(async () => {
    host = await startContainerHost();
  });
  afterAll(() => host.stop());
  beforeEach(() => allow(''));

  const allow = (text: string) => {
    const list = parseImageAllowlist(text);
    host.settings.allowlist = list.ok ? list.value : [];
  };
  const images = async () => (await host.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);

  test('is not pulled, and the site goes on when it is named', async () => {
    allow('ghcr.io');
    const site = await orderSite(host, { image: 'berth-demo/site:2' });
    const { status, message } = await lookUntil(host, site, 'ImageNotAllowed');
    expect(status).toBe('false');
    expect(message).toContain('docker.io/berth-demo/site');
    expect(await images()).not.toContain('berth-demo/site:2');
    allow('ghcr.io, berth-demo/*');
    expect((await lookUntil(host, site, 'Healthy')).status).toBe('true');
  });

  test('is not made a container of although it is on the host, while what runs is left alone', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    const { Id } = await host.docker.getContainer(site.name).inspect();
    allow('ghcr.io');
    await requestRestart(host.db, site.key, 'container', site.by());
    await lookUntil(host, site, 'Healthy');
    expect((await host.docker.getContainer(site.name).inspect()).Id).toBe(Id);
    await host.docker.getContainer(site.name).remove({ force: true });
    await lookUntil(host, site, 'ImageNotAllowed');
    await look(host, site);
    expect(await host.docker.listContainers({ all: true })).toHaveLength(1);
  });

  test('fails the deploy, and what ran before stays', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    allow('berth-demo/site');
    await requestDeploy(host.db, site.key, { image: 'ghcr.io/evil/site:1', licenseKeyEnc: null }, site.by());
    await lookUntil(host, site, 'Healthy');
    expect(await releasesOf(host, site)).toMatchObject([
      { outcome: 'running' },
      { outcome: 'failed', reason: 'ImageNotAllowed' },
    ]);
  });
});
