import { requestDeploy } from '@berth/shared/store/request-deploy';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import {
  containerRowsOf,
  licenceKey,
  look,
  lookUntil,
  numbersOf,
  orderSite,
  type PlacedSite,
  passStartTime,
} from '../testing/placed-site.ts';

let host: ContainerHost;

beforeAll(async () => {
  host = await startContainerHost();
});
afterAll(() => host.stop());

describe('the row in customer_containers', () => {
  let site: PlacedSite;
  const row = async () => (await containerRowsOf(host, site)).at(-1) ?? {};
  const container = () => host.docker.getContainer(site.name);

  beforeEach(async () => {
    site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
  });

  test('tells what Docker has, and that the last probe was answered', async () => {
    const { port } = await numbersOf(host, site);
    const { Id } = await container().inspect();
    expect(await containerRowsOf(host, site)).toMatchObject([
      {
        container_id: Id,
        container_name: site.name,
        image_name: 'berth-demo/site:1',
        port,
        memory_limit: '512m',
        cpu_limit: '0.5',
        status: 'running',
        health_status: 'healthy',
        release: 1,
        site_id: site.siteId,
        placement_id: site.placementId,
      },
    ]);
    expect(Date.now() - Number((await row()).last_health_check)).toBeLessThan(60_000);
  });

  test('is there as soon as the container is, which is not healthy before it was probed', async () => {
    site = await orderSite(host);
    host.simulator.control.addFault({ kind: 'crash', on: '/start$' });
    await lookUntil(host, site, 'DockerUnavailable');
    expect(await row()).toMatchObject({ status: 'created', health_status: 'unreachable', last_health_check: null });
    await lookUntil(host, site, 'Healthy');
  });

  test('says unhealthy when the probe is answered with anything but 2xx', async () => {
    host.simulator.control.setHealth(site.name, 'unhealthy');
    await look(host, site);
    expect(await row()).toMatchObject({ status: 'running', health_status: 'unhealthy' });
  });

  test('says unreachable when the probe is not answered', async () => {
    host.simulator.control.setHealth(site.name, 'hang');
    await look(host, site);
    expect(await row()).toMatchObject({ status: 'running', health_status: 'unreachable' });
  });

  test('has Docker’s own word for a container that was stopped, which is not healthy any more', async () => {
    await container().stop();
    await look(host, site);
    expect(await row()).toMatchObject({ status: 'exited', health_status: 'unreachable' });
    await lookUntil(host, site, 'Healthy');
    expect(await row()).toMatchObject({ status: 'running', health_status: 'healthy' });
  });

  test('has Docker’s own word for a container that Docker is about to restart', async () => {
    host.simulator.control.killContainer(site.name);
    await look(host, site);
    expect(await row()).toMatchObject({ status: 'restarting', health_status: 'unreachable' });
  });

  test('says removed when the container is observed absent, also while no other can be made', async () => {
    const image = 'berth-demo/withdrawn:1';
    host.simulator.control.publishImage(image);
    site = await orderSite(host, { image });
    await lookUntil(host, site, 'Healthy');
    await container().remove({ force: true });
    await host.docker.getImage(image).remove();
    host.simulator.control.addFault({ kind: 'error', status: 404, on: 'POST /images/create' });
    await lookUntil(host, site, 'ImageNotFound');
    expect(await row()).toMatchObject({ status: 'removed', health_status: 'unreachable' });
  });

  test('keeps its last word while Docker is away', async () => {
    const before = await row();
    await host.simulator.control.away();
    await lookUntil(host, site, 'DockerUnavailable');
    await host.simulator.control.back();
    expect(await row()).toEqual(before);
    await lookUntil(host, site, 'Healthy');
  });

  test('of the old container says what it is as long as it is there during a deploy', async () => {
    const { image, licenseKeyEnc } = { image: 'berth-demo/unhealthy:1', licenseKeyEnc: null };
    await requestDeploy(host.db, site.key, { image, licenseKeyEnc }, site.by());
    await lookUntil(host, site, 'ContainerStarting');
    await look(host, site);
    expect(await containerRowsOf(host, site)).toMatchObject([
      { release: 1, status: 'exited', health_status: 'unreachable' },
      { release: 2, status: 'running', health_status: 'unhealthy', container_name: `${site.name}.next` },
    ]);
    await passStartTime(host, site);
    await lookUntil(host, site, 'Healthy');
  });
});

describe('the licence key', () => {
  test('is in no condition, event, row or line of the log, whatever goes wrong', async () => {
    const site = await orderSite(host);
    for (const on of ['POST /networks', 'POST /images', 'POST /containers/create', '/start$']) {
      host.simulator.control.addFault({ kind: 'error', status: 500, on, times: 1 });
      host.simulator.control.addFault({ kind: 'lost', on, times: 1 });
    }
    await lookUntil(host, site, 'Healthy');
    host.simulator.control.addFault({ kind: 'error', status: 500, on: 'POST /images/create', times: 1 });
    const image = 'berth-demo/unhealthy:1';
    const licenseKeyEnc = host.vault.encrypt(`${licenceKey}-new`);
    await requestDeploy(host.db, site.key, { image, licenseKeyEnc }, site.by());
    await lookUntil(host, site, 'ContainerStarting');
    await passStartTime(host, site);
    await lookUntil(host, site, 'Healthy');
    const { rows: tables } = await host.db.pool.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const { rows } = await host.db.pool.query(`select t::text as text from "${name}" t`);
      expect(JSON.stringify(rows), name).not.toContain(licenceKey);
    }
    expect(host.logged.some((line) => line.includes('reconcile failed'))).toBe(true);
    expect(host.logged.join('')).not.toContain(licenceKey);
  });
});
