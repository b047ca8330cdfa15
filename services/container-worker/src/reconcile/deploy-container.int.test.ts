import { requestRestart } from '@berth/shared/store/request-changes';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { pull } from '../testing/docker-world.ts';
import {
  containerRowsOf,
  eventsOf,
  look,
  lookUntil,
  numbersOf,
  orderSite,
  type PlacedSite,
  passStartTime,
  releasesOf,
  rows,
} from '../testing/placed-site.ts';

const slowToPull = 'berth-demo/site:2';

describe('a deploy', () => {
  let host: ContainerHost;
  let site: PlacedSite;

  beforeAll(async () => {
    host = await startContainerHost({ 'berth-demo/site:3': {} });
  });
  afterAll(() => host.stop());
  beforeEach(async () => {
    host.simulator.control.clearFaults();
    site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
  });

  const deploy = (image: string) =>
    requestDeploy(host.db, site.key, { image, licenseKeyEnc: host.vault.encrypt('NEW-LICENCE') }, site.by());
  const containers = async () => {
    const filters = { label: [`berth.site=${site.siteId}`] };
    const listed = await host.docker.listContainers({ all: true, filters });
    return listed.map(({ Names, Image, State }) => `${Names[0]?.slice(1)} ${Image.split('@')[0]} ${State}`).sort();
  };
  const answer = async () => (await fetch(`http://127.0.0.1:${(await numbersOf(host, site)).port}/`)).text();

  test('replaces the container by one of the new image, with its licence key, under the same name', async () => {
    await deploy(slowToPull);
    await lookUntil(host, site, 'Healthy');
    expect(await containers()).toEqual([`${site.name} ${slowToPull} running`]);
    expect(await answer()).toContain(slowToPull);
    const { Config } = await host.docker.getContainer(site.name).inspect();
    expect(Config.Env).toContain('DELQHI_LICENSE_KEY=NEW-LICENCE');
    expect(await releasesOf(host, site)).toMatchObject([{ outcome: 'superseded' }, { outcome: 'running' }]);
    expect(await containerRowsOf(host, site)).toMatchObject([
      { status: 'removed', release: 1 },
      { status: 'running', health_status: 'healthy', release: 2, container_name: site.name },
    ]);
  });

  test('of an image that does not start brings the former one back, after some tries', async () => {
    const before = await host.docker.getContainer(site.name).inspect();
    await deploy('berth-demo/no-start:1');
    expect((await lookUntil(host, site, 'DockerRefused')).tries).toBe(1);
    await host.db.pool.query(`update releases set started_at = started_at - interval '16 s' where site_id = $1`, [
      site.siteId,
    ]);
    await lookUntil(host, site, 'Healthy');
    expect((await host.docker.getContainer(site.name).inspect()).Id).toBe(before.Id);
    expect(await releasesOf(host, site)).toMatchObject([
      { outcome: 'running' },
      { outcome: 'failed', reason: 'ContainerNotStarted' },
    ]);
  });

  test('stops the old container only when the new one is made from the new image', async () => {
    host.simulator.control.publishImage('berth-demo/fresh:1');
    await deploy('berth-demo/fresh:1');
    await lookUntil(host, site, 'Healthy');
    const filters = { label: [`berth.site=${site.siteId}`], event: ['create', 'die'] };
    const events = await host.docker.getEvents({ since: 0, until: Math.ceil(Date.now() / 1000), filters });
    let text = '';
    for await (const chunk of events) text += String(chunk);
    const happened = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const image = (of: string) => of.split('@')[0];
    expect(happened.map(({ Action, Actor }) => `${Action} ${image(Actor.Attributes.image)}`)).toEqual([
      'create berth-demo/site:1',
      'create berth-demo/fresh:1',
      'die berth-demo/site:1',
    ]);
  });

  test('of a name that means another image by now runs that one', async () => {
    host.simulator.control.publishImage('berth-demo/moving:latest');
    site = await orderSite(host, { image: 'berth-demo/moving:latest' });
    await lookUntil(host, site, 'Healthy');
    const before = await host.docker.getContainer(site.name).inspect();
    host.simulator.control.publishImage('berth-demo/moving:latest');
    await deploy('berth-demo/moving:latest');
    await lookUntil(host, site, 'Healthy');
    const after = await host.docker.getContainer(site.name).inspect();
    expect(after.Image).not.toBe(before.Image);
    const digests = await rows<{ digest: string }>(
      host,
      'select digest from releases where site_id = $1 order by number',
      [site.siteId],
    );
    expect(new Set(digests.map(({ digest }) => digest)).size).toBe(2);
  });

  test('takes an image that is only on the host, and in no registry', async () => {
    host.simulator.control.publishImage('berth-demo/loaded:1');
    await pull(host.docker, 'berth-demo/loaded:1');
    host.simulator.control.addFault({ kind: 'error', status: 404, on: 'POST /images/create', times: 0 });
    await deploy('berth-demo/loaded:1');
    await lookUntil(host, site, 'Healthy');
    expect(await containers()).toEqual([`${site.name} berth-demo/loaded:1 running`]);
  });

  test('leaves what runs alone while the registry does not answer, and goes on when it does', async () => {
    host.simulator.control.addFault({ kind: 'error', status: 500, on: 'POST /images/create', times: 2 });
    await deploy('berth-demo/site:3');
    expect((await look(host, site)).reason).toBe('ImageRefused');
    expect((await look(host, site)).tries).toBe(2);
    expect(await containers()).toEqual([`${site.name} berth-demo/site:1 running`]);
    await lookUntil(host, site, 'Healthy');
    expect(await containers()).toEqual([`${site.name} berth-demo/site:3 running`]);
  });

  test('brings what ran before back to life while the new image can not be had', async () => {
    host.simulator.control.addFault({ kind: 'error', status: 500, on: 'POST /images/create', times: 0 });
    host.simulator.control.publishImage('berth-demo/late:1');
    await deploy('berth-demo/late:1');
    await look(host, site);
    await host.docker.getContainer(site.name).stop();
    for (let n = 0; n < 5; n += 1) await look(host, site);
    expect(await containers()).toEqual([`${site.name} berth-demo/site:1 running`]);
    host.simulator.control.clearFaults();
    await lookUntil(host, site, 'Healthy');
    expect(await containers()).toEqual([`${site.name} berth-demo/late:1 running`]);
  });

  test('fails when its image does not exist, without touching what runs', async () => {
    const before = await host.docker.getContainer(site.name).inspect();
    await deploy('berth-demo/site:none');
    await lookUntil(host, site, 'Healthy');
    const after = await host.docker.getContainer(site.name).inspect();
    expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);
    expect(await releasesOf(host, site)).toMatchObject([
      { outcome: 'running' },
      { outcome: 'failed', reason: 'ImageNotFound' },
    ]);
    expect(await eventsOf(host, site, 'release.failed')).toMatchObject([
      { reason: 'ImageNotFound', data: { release: 2 } },
    ]);
  });

  test('that does not get healthy brings the old container back, and says so once', async () => {
    const { Id } = await host.docker.getContainer(site.name).inspect();
    await deploy('berth-demo/unhealthy:1');
    await lookUntil(host, site, 'ContainerStarting');
    await look(host, site);
    expect(await containers()).toContain(`${site.name}.next berth-demo/unhealthy:1 running`);
    await passStartTime(host, site);
    await lookUntil(host, site, 'Healthy');
    expect(await containers()).toEqual([`${site.name} berth-demo/site:1 running`]);
    expect((await host.docker.getContainer(site.name).inspect()).Id).toBe(Id);
    expect(await releasesOf(host, site)).toMatchObject([
      { outcome: 'running' },
      { outcome: 'failed', reason: 'ContainerUnhealthy' },
    ]);
    await look(host, site);
    expect(await eventsOf(host, site, 'release.failed')).toHaveLength(1);
    expect(await containerRowsOf(host, site)).toMatchObject([
      { release: 1, status: 'running', health_status: 'healthy' },
      { release: 2, status: 'removed' },
    ]);
  });

  test('is tried anew with another image after one has failed', async () => {
    await deploy('berth-demo/none:1');
    await lookUntil(host, site, 'Healthy');
    await deploy(slowToPull);
    await lookUntil(host, site, 'Healthy');
    expect(await containers()).toEqual([`${site.name} ${slowToPull} running`]);
    expect(await releasesOf(host, site)).toMatchObject([
      { outcome: 'superseded' },
      { outcome: 'failed' },
      { outcome: 'running' },
    ]);
  });

  test('gives way to a later one, wherever it is on its way', async () => {
    for (let looks = 0; ; looks += 1) {
      site = await orderSite(host);
      await lookUntil(host, site, 'Healthy');
      await deploy(slowToPull);
      let reason = '';
      for (let n = 0; n < looks; n += 1) ({ reason } = await look(host, site));
      await deploy('berth-demo/site:3');
      await lookUntil(host, site, 'Healthy');
      expect(await containers(), `after ${looks} looks`).toEqual([`${site.name} berth-demo/site:3 running`]);
      expect(await releasesOf(host, site)).toMatchObject([
        { outcome: 'superseded' },
        { outcome: 'superseded' },
        { outcome: 'running' },
      ]);
      if (reason === 'Healthy') return;
    }
  });

  test('leaves the one before it alone when that is healthy and the old one is not cleared away yet', async () => {
    host.simulator.control.addFault({ kind: 'error', status: 500, on: 'DELETE /containers', times: 0 });
    await deploy(slowToPull);
    while ((await releasesOf(host, site))[1]?.outcome !== 'running') await look(host, site);
    const { Id } = await host.docker.getContainer(`${site.name}.next`).inspect();
    await deploy('berth-demo/unhealthy:1');
    host.simulator.control.clearFaults();
    await lookUntil(host, site, 'ContainerStarting');
    await passStartTime(host, site);
    await lookUntil(host, site, 'Healthy');
    expect(await containers()).toEqual([`${site.name} ${slowToPull} running`]);
    expect((await host.docker.getContainer(site.name).inspect()).Id).toBe(Id);
  });

  test('of a first image that never got healthy replaces it all the same', async () => {
    site = await orderSite(host, { image: 'berth-demo/unhealthy:1' });
    await lookUntil(host, site, 'ContainerStarting');
    await passStartTime(host, site);
    await lookUntil(host, site, 'ContainerUnhealthy');
    await deploy(slowToPull);
    await lookUntil(host, site, 'Healthy');
    expect(await containers()).toEqual([`${site.name} ${slowToPull} running`]);
    expect(await releasesOf(host, site)).toMatchObject([{ outcome: 'superseded' }, { outcome: 'running' }]);
  });

  test('does not count as the restart that was wanted when it fails before anything was started', async () => {
    const before = await host.docker.getContainer(site.name).inspect();
    await deploy('berth-demo/none:1');
    await requestRestart(host.db, site.key, 'container', site.by());
    await lookUntil(host, site, 'Healthy');
    const after = await host.docker.getContainer(site.name).inspect();
    expect(after.Id).toBe(before.Id);
    expect(after.State.StartedAt).not.toBe(before.State.StartedAt);
  });
});
