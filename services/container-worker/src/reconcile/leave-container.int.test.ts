import { requestDeletion } from '@berth/shared/store/request-changes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import {
  closeConnector,
  containerRowsOf,
  look,
  lookUntil,
  orderSite,
  type PlacedSite,
} from '../testing/placed-site.ts';

describe('the container of a leaving site', () => {
  let host: ContainerHost;

  beforeAll(async () => {
    host = await startContainerHost();
  });
  afterAll(() => host.stop());

  const leave = (site: PlacedSite) => requestDeletion(host.db, site.key, site.domain, site.by());
  const has = (site: PlacedSite) => ({
    containers: host.simulator.control.containers().filter(({ name }) => name.startsWith(site.name)).length,
    networks: host.simulator.control.networks().filter((name) => name === site.name).length,
  });

  test('stays until the connector is gone', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    await leave(site);
    expect(await look(host, site)).toMatchObject({ reason: 'Waiting', message: 'waits for connector' });
    expect(has(site)).toEqual({ containers: 1, networks: 1 });
  });

  test('goes with its network, and its row says so', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    await leave(site);
    await closeConnector(host, site);
    expect(await lookUntil(host, site, 'ContainerGone')).toMatchObject({ status: 'false', gone: true });
    expect(has(site)).toEqual({ containers: 0, networks: 0 });
    expect(await containerRowsOf(host, site)).toMatchObject([{ status: 'removed', health_status: 'unreachable' }]);
  });

  test('is stopped before it is removed, so that it can end its work', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    await leave(site);
    await closeConnector(host, site);
    await look(host, site);
    expect((await host.docker.getContainer(site.name).inspect()).State).toMatchObject({
      Status: 'exited',
      ExitCode: 143,
    });
    await lookUntil(host, site, 'ContainerGone');
  });

  test('goes in the middle of a deploy, the new one too', async () => {
    const site = await orderSite(host, { image: 'berth-demo/unhealthy:1' });
    await lookUntil(host, site, 'ContainerStarting');
    await leave(site);
    await closeConnector(host, site);
    await lookUntil(host, site, 'ContainerGone');
    expect(has(site)).toEqual({ containers: 0, networks: 0 });
  });

  test('is gone at once when nothing of it was made yet', async () => {
    const site = await orderSite(host);
    await leave(site);
    await closeConnector(host, site);
    expect(await look(host, site)).toMatchObject({ reason: 'ContainerGone', gone: true });
    expect(await containerRowsOf(host, site)).toEqual([]);
  });

  test('goes although its image does not exist', async () => {
    const site = await orderSite(host, { image: 'berth-demo/site:none' });
    await lookUntil(host, site, 'ImageNotFound');
    await leave(site);
    await closeConnector(host, site);
    await lookUntil(host, site, 'ContainerGone');
    expect(has(site)).toEqual({ containers: 0, networks: 0 });
  });

  test('waits while Docker is away, and goes when it is back', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    await leave(site);
    await closeConnector(host, site);
    await host.simulator.control.away();
    expect((await lookUntil(host, site, 'DockerUnavailable')).gone).toBe(false);
    await host.simulator.control.back();
    await lookUntil(host, site, 'ContainerGone');
  });

  test('names what a stranger has put on its network, and goes when that is gone', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    const HostConfig = { NetworkMode: site.name };
    const stranger = await host.docker.createContainer({ name: 'guest', Image: 'berth-demo/site:1', HostConfig });
    await stranger.start();
    await leave(site);
    await closeConnector(host, site);
    expect((await lookUntil(host, site, 'DockerStranger')).message).toContain(`network ${site.name}`);
    expect((await stranger.inspect()).State.Status).toBe('running');
    await stranger.remove({ force: true });
    await lookUntil(host, site, 'ContainerGone');
  });

  test('leaves a container and a network alone that have its names and are not ours', async () => {
    const site = await orderSite(host);
    await host.docker.createNetwork({ Name: site.name });
    const stranger = await host.docker.createContainer({ name: site.name, Image: 'berth-demo/site:1' });
    await leave(site);
    await closeConnector(host, site);
    await lookUntil(host, site, 'ContainerGone');
    expect(has(site)).toEqual({ containers: 1, networks: 1 });
    await stranger.remove();
  });
});
