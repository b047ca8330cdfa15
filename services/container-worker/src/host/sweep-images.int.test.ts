import { requestDeletion } from '@berth/shared/store/request-changes';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { pull } from '../testing/docker-world.ts';
import { closeConnector, look, lookUntil, orderSite, type PlacedSite } from '../testing/placed-site.ts';

const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => `berth-demo/kept:${letter}`);
const [a = '', b = '', c = '', d = '', e = ''] = names;

describe('a sweep of the host’s images', () => {
  let host: ContainerHost;

  beforeAll(async () => {
    host = await startContainerHost(Object.fromEntries([...names, 'berth-demo/next:1'].map((name) => [name, {}])));
  });
  beforeEach(async () => {
    for (const { Id } of await host.docker.listContainers({ all: true })) {
      await host.docker.getContainer(Id).remove({ force: true });
    }
    for (const { Id } of await host.docker.listImages()) await host.docker.getImage(Id).remove({ force: true });
    await host.db.pool.query('update placements set gone_at = now() where gone_at is null');
  });
  afterEach(() => {
    host.settings.minFreeBytes = 0;
    delete host.settings.disk;
    host.simulator.control.clearFaults();
  });
  afterAll(() => host.stop());

  const sweep = () => host.deps().sweepImages(new AbortController().signal);
  const tags = async () => (await host.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []).sort();
  const deploy = async (site: PlacedSite, image: string) => {
    await requestDeploy(host.db, site.key, { image, licenseKeyEnc: null }, site.by());
    await lookUntil(host, site, 'Healthy');
  };
  /** The image is there, and the worker dies before it makes the container. */
  const pullAlone = async (site: PlacedSite) => {
    host.simulator.control.addFault({ kind: 'crash', on: 'POST /containers/create' });
    await lookUntil(host, site, 'DockerUnavailable');
  };
  const siteOf = async (...images: string[]) => {
    const site = await orderSite(host, { image: images[0] ?? a });
    await lookUntil(host, site, 'Healthy');
    for (const image of images.slice(1)) await deploy(site, image);
    return site;
  };

  test('keeps the last three of each site, whoever else had the others', async () => {
    await siteOf(a, b, c, d, e);
    await siteOf(b);
    expect(await tags()).toEqual(names);
    expect(await sweep()).toBe(1);
    expect(await tags()).toEqual([b, c, d, e]);
    expect(await sweep()).toBe(0);
  });

  test('does not keep what failed in place of what has run', async () => {
    const site = await siteOf(a, b);
    host.simulator.control.publishImage('berth-demo/bad:1', { health: 'unhealthy' });
    await requestDeploy(host.db, site.key, { image: 'berth-demo/bad:1', licenseKeyEnc: null }, site.by());
    await lookUntil(host, site, 'ContainerStarting');
    await look(host, site);
    await host.db.pool.query(`update releases set started_at = started_at - interval '1 hour'`);
    await lookUntil(host, site, 'Healthy');
    expect(await sweep()).toBe(1);
    expect(await tags()).toEqual([a, b]);
  });

  test('removes all of a site that left, when its container is gone', async () => {
    const site = await siteOf(a, b);
    await requestDeletion(host.db, site.key, site.domain, site.by());
    await host.db.pool.query('update placements set gone_at = now() where id = $1', [site.placementId]);
    expect(await sweep()).toBe(1);
    expect(await tags()).toEqual([b]);
    await closeConnector(host, site);
    await lookUntil(host, site, 'ContainerGone');
    expect(await sweep()).toBe(1);
    expect(await tags()).toEqual([]);
  });

  test('removes an image whose tag went on to another one', async () => {
    const moving = 'berth-demo/moving:latest';
    host.simulator.control.publishImage(moving);
    const site = await siteOf(moving);
    host.simulator.control.publishImage(moving);
    for (const image of [moving, a, b]) await deploy(site, image);
    expect(await host.docker.listImages()).toHaveLength(4);
    expect(await sweep()).toBe(1);
    const left = await host.docker.listImages({ filters: { reference: ['berth-demo/moving'] } });
    expect(left.map(({ RepoTags }) => RepoTags)).toEqual([[moving]]);
  });

  test('leaves alone what is not ours: of no release, under another name too, or used by others', async () => {
    await siteOf(a, b, c, d);
    await pull(host.docker, 'berth-demo/next:1');
    await host.docker.getImage(a).tag({ repo: 'mine/copy', tag: 'x' });
    expect(await sweep()).toBe(0);
    await host.docker.getImage('mine/copy:x').remove();
    const stranger = await host.docker.createContainer({ name: 'somebody', Image: a });
    expect(await sweep()).toBe(0);
    await stranger.remove();
    expect(await sweep()).toBe(1);
    expect(await tags()).toEqual([b, c, d, 'berth-demo/next:1']);
  });

  test('does not insist when Docker says that an image is in use', async () => {
    await siteOf(a, b, c, d, e);
    host.simulator.control.addFault({ kind: 'error', status: 409, on: 'DELETE /images', times: 0 });
    expect(await sweep()).toBe(0);
    host.simulator.control.clearFaults();
    expect(await sweep()).toBe(2);
  });

  test('leaves an image alone that another site is about to be made from', async () => {
    await siteOf(a, b, c, d);
    const next = await orderSite(host, { image: a });
    expect(await sweep()).toBe(0);
    await pullAlone(next);
    expect(await sweep()).toBe(0);
    await lookUntil(host, next, 'Healthy');
  });

  test('that takes an image away all the same is made good by the site’s next look', async () => {
    const site = await orderSite(host, { image: a });
    await pullAlone(site);
    await host.docker.getImage(a).remove();
    await lookUntil(host, site, 'Healthy');
  });

  test('makes room before a pull, which waits where that does not suffice, while what ran runs on', async () => {
    const site = await siteOf(a, b, c, d);
    host.settings.minFreeBytes = Number.MAX_SAFE_INTEGER;
    await requestDeploy(host.db, site.key, { image: e, licenseKeyEnc: null }, site.by());
    const { message } = await lookUntil(host, site, 'DiskFull');
    expect(message).toMatch(/: \d+ MB are free .*IMAGE_MIN_FREE_BYTES/);
    expect(await tags()).toEqual([c, d]);
    const { State } = await host.docker.getContainer(site.name).inspect();
    expect(State.Running).toBe(true);
    host.settings.minFreeBytes = 1;
    await lookUntil(host, site, 'Healthy');
    expect(await tags()).toEqual([c, d, e]);
  });

  test('is not asked for where the disk can not be seen', async () => {
    host.settings.minFreeBytes = Number.MAX_SAFE_INTEGER;
    host.settings.disk = { freeBytes: async () => undefined };
    await siteOf(a);
  });
});
