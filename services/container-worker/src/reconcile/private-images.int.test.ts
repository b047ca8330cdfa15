import { sealRegistryLogin } from '@berth/shared/runtime/registry-login';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault } from '@berth/shared/runtime/vault';
import { putRegistry, removeRegistry } from '@berth/shared/store/registries';
import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { conditionOf, eventsOf, look, lookUntil, orderSite, releasesOf, rows } from '../testing/placed-site.ts';

const registry = 'registry.example.org:5000';
const image = `${registry}/acme/site:1`;
const password = 'PASSWORT-4711-geheim';

describe('an image of a registry that wants a login', () => {
  let host: ContainerHost;

  beforeAll(async () => {
    host = await startContainerHost({ [image]: {}, [`${registry}/acme/site:2`]: {} });
  });
  beforeEach(async () => {
    host.simulator.control.requireLogin(registry, { username: 'berth', password });
    await removeRegistry(host.db, registry);
    for (const { Id } of await host.docker.listContainers({ all: true })) {
      await host.docker.getContainer(Id).remove({ force: true });
    }
    for (const { Id } of await host.docker.listImages()) await host.docker.getImage(Id).remove();
  });
  afterAll(() => host.stop());

  const store = (given = password, vault = host.vault, name = registry) =>
    putRegistry(
      host.db,
      {
        registry,
        username: 'berth',
        loginEnc: sealRegistryLogin(vault, { registry: name, username: 'berth', password: new Secret(given) }),
      },
      'cause-3',
    );

  test('is pulled with the login stored for that registry', async () => {
    await store();
    const site = await orderSite(host, { image });
    await lookUntil(host, site, 'Healthy');
    expect((await host.docker.getContainer(site.name).inspect()).Config.Image).toMatch(
      /^registry\.example\.org:5000\/acme\/site:1@sha256:/,
    );
  });

  test('waits without a login, says how to give it, and goes on at once when it is given', async () => {
    const site = await orderSite(host, { image });
    const { status, message } = await lookUntil(host, site, 'ImageAccessDenied');
    expect(status).toBe('false');
    expect(message).toContain(`PUT /v1/registries/${registry}`);
    await look(host, site);
    expect((await conditionOf(host, site)).dueInMs).toBeGreaterThan(1000);
    const ofIt = [site.conditionId];
    await rows(host, `update site_conditions set due_at = now() + interval '1 hour' where id = $1`, ofIt);
    await store();
    expect(await rows(host, 'select due_at <= now() as due from site_conditions where id = $1', ofIt)).toEqual([
      { due: true },
    ]);
    await lookUntil(host, site, 'Healthy');
  });

  test('waits with a wrong password, which nothing tells of', async () => {
    await store('FALSCH-0815-geheim');
    const site = await orderSite(host, { image });
    const { message } = await lookUntil(host, site, 'ImageAccessDenied');
    expect(message).toContain('the login stored for it');
    const { rows } = await host.db.pool.query('select * from site_events union all select * from site_events');
    const said = JSON.stringify([message, rows, host.logged]);
    for (const secret of ['FALSCH', Buffer.from('berth:FALSCH-0815-geheim').toString('base64'), password]) {
      expect(said).not.toContain(secret);
    }
    await store();
    await lookUntil(host, site, 'Healthy');
  });

  test('is not pulled with a login of another registry, nor with one sealed by another key', async () => {
    const site = await orderSite(host, { image });
    await store(password, host.vault, 'ghcr.io');
    expect((await lookUntil(host, site, 'ImageAccessDenied')).message).toContain('cannot read the login');
    await store(password, makeVault(new Secret(Buffer.alloc(32, 9).toString('base64'))));
    expect((await lookUntil(host, site, 'ImageAccessDenied')).message).toContain('cannot read the login');
    await store();
    await lookUntil(host, site, 'Healthy');
  });

  test('fails a deploy when it is not given, and what ran before stays', async () => {
    const site = await orderSite(host, { image: 'berth-demo/site:1' });
    await lookUntil(host, site, 'Healthy');
    await requestDeploy(host.db, site.key, { image, licenseKeyEnc: null }, site.by());
    await lookUntil(host, site, 'Healthy');
    expect(await releasesOf(host, site)).toMatchObject([
      { outcome: 'running' },
      { outcome: 'failed', reason: 'ImageAccessDenied' },
    ]);
    expect(await eventsOf(host, site, 'release.failed')).toHaveLength(1);
  });

  test('waits for minutes when the registry asks to slow down, and keeps what runs', async () => {
    await store();
    const site = await orderSite(host, { image });
    await lookUntil(host, site, 'Healthy');
    host.simulator.control.limitPulls(registry, true);
    await requestDeploy(host.db, site.key, { image: `${registry}/acme/site:2`, licenseKeyEnc: null }, site.by());
    const { dueInMs } = await lookUntil(host, site, 'RegistryRateLimited');
    expect(dueInMs).toBeGreaterThanOrEqual(290_000);
    expect(await releasesOf(host, site)).toMatchObject([{ outcome: 'running' }, { outcome: 'pending' }]);
    host.simulator.control.limitPulls(registry, false);
    await lookUntil(host, site, 'Healthy');
  });

  test('is not taken for pulled when that breaks off in the middle', async () => {
    await store();
    host.simulator.control.breakPulls('failed to register layer: write /usr/lib/x: no space left on device');
    const site = await orderSite(host, { image });
    await lookUntil(host, site, 'DiskFull');
    host.simulator.control.breakPulls('unexpected EOF');
    await lookUntil(host, site, 'RegistryUnavailable');
    host.simulator.control.breakPulls(undefined);
    await lookUntil(host, site, 'Healthy');
  });
});
