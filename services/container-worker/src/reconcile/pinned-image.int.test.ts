import { requestRestart } from '@berth/shared/store/request-changes';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { pull } from '../testing/docker-world.ts';
import { look, lookUntil, orderSite, type PlacedSite, rows } from '../testing/placed-site.ts';

const moving = 'berth-demo/moving:latest';

describe('the image that a release means', () => {
  let host: ContainerHost;
  let site: PlacedSite;

  beforeAll(async () => {
    host = await startContainerHost({ [moving]: {} });
  });
  beforeEach(async () => {
    for (const { Id } of await host.docker.listContainers({ all: true })) {
      await host.docker.getContainer(Id).remove({ force: true });
    }
    host.simulator.control.publishImage(moving);
    await pull(host.docker, moving);
    site = await orderSite(host, { image: moving });
    await lookUntil(host, site, 'Healthy');
  });
  afterAll(() => host.stop());

  const shown = () => host.docker.getContainer(site.name).inspect();
  const digests = async () =>
    (
      await rows<{ digest: string }>(host, 'select digest from releases where site_id = $1 order by number', [
        site.siteId,
      ])
    ).map(({ digest }) => digest);
  const deploy = (image: string) =>
    requestDeploy(host.db, site.key, { image, licenseKeyEnc: null }, site.by()).then(() =>
      lookUntil(host, site, 'Healthy'),
    );
  const forgetImages = async () => {
    await host.docker.getContainer(site.name).remove({ force: true });
    for (const { Id } of await host.docker.listImages({ filters: { reference: ['berth-demo/moving'] } })) {
      await host.docker.getImage(Id).remove({ force: true });
    }
  };

  test('is what runs, by its digest', async () => {
    const [digest] = await digests();
    expect((await shown()).Config.Image).toBe(`${moving}@${digest?.split('@')[1]}`);
  });

  test('stays the same when the container is made anew after the tag has moved', async () => {
    const before = (await shown()).Image;
    host.simulator.control.publishImage(moving);
    await pull(host.docker, moving);
    await host.docker.getContainer(site.name).remove({ force: true });
    await lookUntil(host, site, 'Healthy');
    expect((await shown()).Image).toBe(before);
  });

  test('stays the same on a host that has nothing of it, as after a move', async () => {
    const before = (await shown()).Image;
    host.simulator.control.publishImage(moving);
    await forgetImages();
    await lookUntil(host, site, 'Healthy');
    expect((await shown()).Image).toBe(before);
    const listed = await host.docker.listImages({ filters: { reference: ['berth-demo/moving'] } });
    expect(listed.map(({ RepoTags }) => RepoTags)).toEqual([null]);
  });

  test('stays the same over a restart', async () => {
    const before = (await shown()).Image;
    host.simulator.control.publishImage(moving);
    await pull(host.docker, moving);
    await requestRestart(host.db, site.key, 'container', site.by());
    await lookUntil(host, site, 'Healthy');
    expect((await shown()).Image).toBe(before);
  });

  test('is asked for anew by a deploy of the same name', async () => {
    const before = (await shown()).Image;
    host.simulator.control.publishImage(moving);
    await deploy(moving);
    expect((await shown()).Image).not.toBe(before);
    expect(new Set(await digests()).size).toBe(2);
  });

  test('is known by the repository that was named, though another one has it too', async () => {
    host.simulator.control.copyImage(moving, 'mirror.example.org/site:1');
    await pull(host.docker, 'mirror.example.org/site:1');
    await deploy(moving);
    await deploy('mirror.example.org/site:1');
    const [, named, mirrored] = await digests();
    expect(named).toMatch(/^berth-demo\/moving@sha256:/);
    expect(mirrored).toMatch(/^mirror\.example\.org\/site@sha256:/);
  });

  test('is the very one that an order names by its digest', async () => {
    const digest = (await digests())[0]?.split('@')[1];
    host.simulator.control.publishImage(moving);
    await deploy(`berth-demo/moving@${digest}`);
    expect((await digests())[1]).toBe(`berth-demo/moving@${digest}`);
    expect((await shown()).Config.Image).toBe(`berth-demo/moving@${digest}`);
  });

  test('is missed, in words, when the registry gives it no more', async () => {
    await rows(host, `update releases set digest = 'berth-demo/moving@sha256:${'0'.repeat(64)}' where site_id = $1`, [
      site.siteId,
    ]);
    await forgetImages();
    expect((await lookUntil(host, site, 'ImageNotFound')).message).toContain('sha256:000');
  });

  test('that was loaded by hand is known by its id, and missed when it is not there', async () => {
    const { Id } = await host.docker.getImage(moving).inspect();
    await rows(host, 'update releases set digest = $2 where site_id = $1', [site.siteId, Id]);
    await host.docker.getContainer(site.name).remove({ force: true });
    await lookUntil(host, site, 'Healthy');
    expect((await shown()).Config.Image).toBe(moving);
    host.simulator.control.publishImage(moving);
    await forgetImages();
    expect((await lookUntil(host, site, 'ImageNotFound')).message).toContain('loaded on its host by hand');
    await look(host, site);
  });
});
