import { dockerStatus } from '@berth/shared/domain/docker-status';
import type { ContainerStatus } from '@berth/shared/domain/seed-status';
import { readSiteParts } from '@berth/shared/store/read-sites';
import { requestDeletion, requestRestart } from '@berth/shared/store/request-changes';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSiteHost, type SiteHost } from '../../../services/container-worker/src/testing/container-host.ts';
import {
  closeConnector,
  lookUntil,
  numbersOf,
  orderSite,
  type PlacedSite,
  passStartTime,
  releasesOf,
} from '../../../services/container-worker/src/testing/placed-site.ts';
import { askSite } from '../engine/ask-site.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { startRegistry, type TestRegistry } from '../engine/start-registry.ts';

/** An event, as the Engine tells it. */
interface Told {
  timeNano: number;
  Actor: { Attributes: { exitCode?: string } };
}

describe('a site on a real Engine', () => {
  let engine: Engine;
  let registry: TestRegistry;
  let host: SiteHost;
  let site: PlacedSite;

  beforeAll(async () => {
    engine = await startEngine();
    await importSiteImages(engine.docker, 'berth-test/site:1', 'berth-test/unhurried:1', 'berth-test/stubborn:1');
    registry = await startRegistry(['berth-test/site:2', 'berth-test/unhealthy:1']);
    host = await openSiteHost(engine.docker);
  });
  afterAll(async () => {
    await host.stop();
    await registry.stop();
    await engine.stop();
  });
  beforeEach(async () => {
    site = await orderSite(host, { image: 'berth-test/site:1' });
    await lookUntil(host, site, 'Healthy');
  });

  const inspect = () => engine.docker.getContainer(site.name).inspect();
  const answer = async () => (await askSite((await numbersOf(host, site)).port)).text();
  const containers = async () => {
    const filters = { label: [`berth.site=${site.siteId}`] };
    const listed = await engine.docker.listContainers({ all: true, filters });
    return listed.map(({ Names }) => Names[0]);
  };

  const stubborn = { image: 'berth-test/stubborn:1' };
  /** what the Engine told of it so far */
  const told = async (of: PlacedSite, ...event: string[]): Promise<Told[]> => {
    const filters = { container: [of.name], event };
    const events = await engine.docker.getEvents({ since: 0, until: Math.ceil(Date.now() / 1000), filters });
    let text = '';
    for await (const chunk of events) text += String(chunk);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line): Told => JSON.parse(line));
  };
  /** how its programs ended so far */
  const exitCodes = async (of: PlacedSite) => (await told(of, 'die')).map(({ Actor }) => Actor.Attributes.exitCode);
  /** from the first signal that it was sent until it ended, by the Engine's own clock, in nanoseconds */
  const waitedFor = async (of: PlacedSite) => {
    const [asked, ended] = [(await told(of, 'kill'))[0], (await told(of, 'die'))[0]];
    return (ended?.timeNano ?? Number.NaN) - (asked?.timeNano ?? Number.NaN);
  };

  test('runs again after a restart that was asked for, as the same container', async () => {
    const before = await inspect();
    await requestRestart(host.db, site.key, 'container', site.by());
    await lookUntil(host, site, 'Healthy');
    const after = await inspect();
    expect(after.Id).toBe(before.Id);
    expect(after.State.StartedAt).not.toBe(before.State.StartedAt);
    expect(await answer()).toBe('berth-test/site:1\n');
  });

  test('has the status of `docker ps`, made from what was written down at the last look', async () => {
    await vi.waitFor(async () => {
      const { container } = await readSiteParts(host.db, site.siteId);
      const { startedAt, finishedAt } = container ?? {};
      const run = {
        status: container?.status as ContainerStatus,
        startedAt: startedAt ? new Date(startedAt) : undefined,
        finishedAt: finishedAt ? new Date(finishedAt) : undefined,
        exitCode: container?.exitCode ?? undefined,
      };
      const [listed] = await engine.docker.listContainers({ filters: { name: [site.name] } });
      expect(dockerStatus(run, new Date())).toBe(listed?.Status);
    }, 60_000);
  });

  test('is let end by itself at a restart when its program minds SIGTERM, however long that takes', async () => {
    const unhurried = await orderSite(host, { image: 'berth-test/unhurried:1' });
    await lookUntil(host, unhurried, 'Healthy');
    await requestRestart(host.db, unhurried.key, 'container', unhurried.by());
    await lookUntil(host, unhurried, 'Healthy');
    expect(await exitCodes(unhurried)).toEqual(['0']);
  });

  test('is not waited for at a restart when its program ignores SIGTERM', async () => {
    const [ours, other] = [await orderSite(host, stubborn), await orderSite(host, stubborn)];
    for (const one of [ours, other]) await lookUntil(host, one, 'Healthy');
    const waited = engine.docker.getContainer(other.name).stop({ t: 9 });
    await requestRestart(host.db, ours.key, 'container', ours.by());
    await lookUntil(host, ours, 'Healthy');
    await waited;
    for (const one of [ours, other]) expect(await exitCodes(one)).toEqual(['137']);
    // Both at once: what keeps the Engine from one of them keeps it from the other, too.
    expect(await waitedFor(ours)).toBeLessThan(await waitedFor(other));
  });

  test('is replaced by a deploy, under the same name and port', async () => {
    const before = await inspect();
    const image = registry.referenceOf('berth-test/site:2');
    await requestDeploy(host.db, site.key, { image, licenseKeyEnc: null }, site.by());
    await lookUntil(host, site, 'Healthy');
    const after = await inspect();
    expect(after.Id).not.toBe(before.Id);
    expect(after.Config.Image).toContain(`${image}@sha256:`);
    expect(after.HostConfig.PortBindings).toEqual(before.HostConfig.PortBindings);
    expect(await containers()).toEqual([`/${site.name}`]);
    expect(await answer()).toBe('berth-test/site:2\n');
  });

  test('stays what it was when a deploy never gets healthy', async () => {
    const before = await inspect();
    const image = registry.referenceOf('berth-test/unhealthy:1');
    await requestDeploy(host.db, site.key, { image, licenseKeyEnc: null }, site.by());
    await lookUntil(host, site, 'ContainerStarting');
    await passStartTime(host, site);
    await lookUntil(host, site, 'Healthy');
    expect((await inspect()).Id).toBe(before.Id);
    expect(await containers()).toEqual([`/${site.name}`]);
    expect(await answer()).toBe('berth-test/site:1\n');
    expect(await releasesOf(host, site)).toMatchObject([{ outcome: 'running' }, { outcome: 'failed' }]);
  });

  test('is made again when somebody removed it or stopped it', async () => {
    for (const harm of [
      () => engine.docker.getContainer(site.name).remove({ force: true }),
      async () => engine.docker.getContainer(site.name).stop(),
    ]) {
      await harm();
      await lookUntil(host, site, 'Healthy');
      expect(await answer()).toBe('berth-test/site:1\n');
    }
  });

  test('leaves no container, network or bridge when it is removed', async () => {
    const { slot } = await numbersOf(host, site);
    await requestDeletion(host.db, site.key, site.domain, site.by());
    await closeConnector(host, site);
    const { gone } = await lookUntil(host, site, 'ContainerGone');
    expect(gone).toBe(true);
    expect(await containers()).toEqual([]);
    const networks = await engine.docker.listNetworks();
    expect(networks.map(({ Name }) => Name)).not.toContain(site.name);
    expect(JSON.stringify(networks)).not.toContain(`berth${slot}"`);
  });
});
