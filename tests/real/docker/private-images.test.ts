import { sealRegistryLogin } from '@berth/shared/runtime/registry-login';
import { Secret } from '@berth/shared/runtime/secret';
import { putRegistry, removeRegistry } from '@berth/shared/store/registries';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeDockerImages } from '../../../services/container-worker/src/adapters/docker-images.ts';
import { openSiteHost, type SiteHost } from '../../../services/container-worker/src/testing/container-host.ts';
import {
  eventsOf,
  lookUntil,
  numbersOf,
  orderSite,
  type PlacedSite,
} from '../../../services/container-worker/src/testing/placed-site.ts';
import { askSite } from '../engine/ask-site.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { startRegistry, type TestRegistry } from '../engine/start-registry.ts';

const login = { username: 'berth', password: 'PASSWORT-4711-geheim' };

describe('a private image, on a real Engine', () => {
  let engine: Engine;
  let registry: TestRegistry;
  let host: SiteHost;
  let image: string;

  beforeAll(async () => {
    engine = await startEngine();
    registry = await startRegistry(['berth-test/site:1', 'berth-test/site:2', 'berth-test/stubborn:1']);
    host = await openSiteHost(engine.docker);
    image = registry.referenceOf('berth-test/site:1');
    // A pull that is given up is begun anew, and then told of twice.
    host.settings.images = makeDockerImages(engine.docker, { pullTimeoutMs: 60_000 });
  });
  beforeEach(async () => {
    registry.requireLogin(login);
    await store(login.password);
  });
  afterEach(async () => {
    registry.refuse(undefined);
    registry.giveSlowly(false);
    delete host.settings.pullNewsMs;
    registry.move('berth-test/site:1', 'berth-test/site:1');
    for (const { Id } of await engine.docker.listContainers({ all: true })) {
      await engine.docker.getContainer(Id).remove({ force: true });
    }
    for (const { Id } of await engine.docker.listImages()) await engine.docker.getImage(Id).remove({ force: true });
    await host.db.pool.query('update placements set gone_at = now() where gone_at is null');
  });
  afterAll(async () => {
    await host.stop();
    await registry.stop();
    await engine.stop();
  });

  const store = (password: string) => {
    const given = { registry: registry.host, username: login.username, password: new Secret(password) };
    const loginEnc = sealRegistryLogin(host.vault, given);
    return putRegistry(host.db, { registry: registry.host, username: login.username, loginEnc }, 'cause-3');
  };
  const order = async (reason: string, of = image) => {
    const site = await orderSite(host, { image: of });
    return { site, ...(await lookUntil(host, site, reason)) };
  };
  const deploy = async (site: PlacedSite, of: string) => {
    await requestDeploy(host.db, site.key, { image: of, licenseKeyEnc: null }, site.by());
    await lookUntil(host, site, 'Healthy');
  };
  const answer = async (site: PlacedSite) => (await askSite((await numbersOf(host, site)).port)).text();
  const images = async () => (await engine.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []).sort();

  test('is pulled with the login stored for its registry, and runs by its digest', async () => {
    const { site } = await order('Healthy');
    const { Config } = await engine.docker.getContainer(site.name).inspect();
    expect(Config.Image).toMatch(new RegExp(`^${image}@sha256:[0-9a-f]{64}$`));
    expect(await answer(site)).toBe('berth-test/site:1\n');
    const [resolved] = await eventsOf(host, site, 'image.resolved');
    expect(resolved?.message).toContain('@sha256:');
  });

  test('is told of while it comes, by what a real Engine says of its pull', async () => {
    registry.giveSlowly(true);
    host.settings.pullNewsMs = 0;
    const site = await orderSite(host, { image });
    const healthy = lookUntil(host, site, 'Healthy');
    const told = () => eventsOf(host, site, 'image.pulling');
    const percents = async () => (await told()).map(({ data }) => (data as { percent: number }).percent);
    // The rest comes when something was told, however long it takes to write it down.
    await expect.poll(async () => (await percents()).at(-1), { timeout: 60_000 }).toBeGreaterThan(0);
    registry.giveSlowly(false);
    await healthy;
    const all = await percents();
    expect(all).toEqual([...new Set(all)].sort((one, other) => one - other));
    expect((await told()).at(-1)?.message).toMatch(/^pulling \S+: \d+ % \(0 of 1 layers, \d+ of \d+ MB\)$/);
  });

  test('waits without a login and with a wrong one, and goes on when the right one is stored', async () => {
    await removeRegistry(host.db, registry.host);
    const { site, message } = await order('ImageAccessDenied');
    expect(message).toContain(`PUT /v1/registries/${registry.host}`);
    await store('FALSCH-0815');
    expect((await lookUntil(host, site, 'ImageAccessDenied')).message).toContain('the login stored for it');
    expect(host.logged.join('\n')).not.toContain('FALSCH-0815');
    await store(login.password);
    await lookUntil(host, site, 'Healthy');
  });

  test('that the registry does not have, limits or can not give now has reasons of its own', async () => {
    await order('ImageNotFound', registry.referenceOf('berth-test/site:1').replace('site:1', 'site:none'));
    await order('ImageNotFound', `${registry.host}/berth-test/nothing:1`);
    const { site } = await order('Healthy');
    registry.refuse({ status: 429, code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit.' });
    await requestDeploy(host.db, site.key, { image, licenseKeyEnc: null }, site.by());
    await lookUntil(host, site, 'RegistryRateLimited');
    registry.refuse({ status: 503, code: 'UNAVAILABLE', message: 'busy' });
    await lookUntil(host, site, 'RegistryUnavailable');
    registry.refuse({ status: 403, code: 'DENIED', message: 'requested access to the resource is denied' });
    await lookUntil(host, site, 'Healthy');
    const [failed] = await eventsOf(host, site, 'release.failed');
    expect(failed?.reason).toBe('ImageAccessDenied');
    await order('RegistryUnavailable', '127.0.0.1:1/berth-test/site:1');
  });

  test('stays the same when its tag has moved, also where nothing of it is left, until the next deploy', async () => {
    const { site } = await order('Healthy');
    registry.move('berth-test/site:1', 'berth-test/site:2');
    await engine.docker.getContainer(site.name).remove({ force: true });
    await engine.docker.getImage(image).remove();
    await lookUntil(host, site, 'Healthy');
    expect(await answer(site)).toBe('berth-test/site:1\n');
    await deploy(site, image);
    expect(await answer(site)).toBe('berth-test/site:2\n');
  });

  test('goes when no site needs it, and stays while anybody uses it or calls it otherwise', async () => {
    const sweep = () => host.deps().sweepImages(new AbortController().signal);
    const { site } = await order('Healthy');
    const other = registry.referenceOf('berth-test/stubborn:1');
    await deploy(site, other);
    expect(await sweep()).toBe(0);
    const stranger = await engine.docker.createContainer({ name: 'somebody', Image: image });
    await engine.docker.getImage(other).tag({ repo: 'mine/copy', tag: 'x' });
    await host.db.pool.query('update placements set gone_at = now() where id = $1', [site.placementId]);
    expect(await sweep()).toBe(0);
    expect(await images()).toEqual([image, other, 'mine/copy:x'].sort());
    await stranger.remove();
    expect(await sweep()).toBe(1);
    expect(await images()).toEqual([other, 'mine/copy:x'].sort());
    await engine.docker.getContainer(site.name).remove({ force: true });
    await engine.docker.getImage('mine/copy:x').remove();
    expect(await sweep()).toBe(1);
    expect(await images()).toEqual([]);
  });

  test('is not pulled onto a disk without room', async () => {
    host.settings.minFreeBytes = Number.MAX_SAFE_INTEGER;
    const { site, message } = await order('DiskFull');
    expect(message).toContain('MB are free');
    host.settings.minFreeBytes = 1;
    await lookUntil(host, site, 'Healthy');
    host.settings.minFreeBytes = 0;
  });
});
