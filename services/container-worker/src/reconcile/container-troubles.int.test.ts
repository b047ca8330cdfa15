import { BerthError } from '@berth/shared/errors/berth-error';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { pull } from '../testing/docker-world.ts';
import { listen } from '../testing/hold-ports.ts';
import {
  conditionOf,
  eventsOf,
  look,
  lookUntil,
  numbersOf,
  orderSite,
  type PlacedSite,
  passStartTime,
  rows,
} from '../testing/placed-site.ts';

describe('the container’s reconciler', () => {
  let host: ContainerHost;

  beforeAll(async () => {
    host = await startContainerHost();
    await pull(host.docker, 'berth-demo/site:1');
  });
  afterEach(() => host.simulator.control.clearFaults());
  afterAll(() => host.stop());

  const show = (site: PlacedSite) => host.docker.getContainer(site.name).inspect();
  const portRow = async (port: number) =>
    (
      await rows<{ free: boolean; occupiedS: number | null }>(
        host,
        `select placement_id is null as free, extract(epoch from occupied_until - now())::float8 as "occupiedS"
        from port_allocations where host_id = $1 and port = $2`,
        [host.id, port],
      )
    )[0];

  test('says that the image does not exist, waits longer each time, and goes on when it appears', async () => {
    const site = await orderSite(host, { image: 'berth-demo/site:later' });
    const first = await lookUntil(host, site, 'ImageNotFound');
    expect(first).toMatchObject({ status: 'false', tries: 1 });
    expect(first.message).toContain('berth-demo/site:later');
    const second = await look(host, site);
    expect(second.tries).toBe(2);
    expect(second.dueInMs).toBeGreaterThan(first.dueInMs ?? 0);
    host.simulator.control.publishImage('berth-demo/site:later');
    expect((await lookUntil(host, site, 'Healthy')).status).toBe('true');
  });

  test('makes and starts nothing on a host that is not kept from its containers, leaves what runs, and goes on when it is', async () => {
    const running = await orderSite(host);
    await lookUntil(host, running, 'Healthy');
    const site = await orderSite(host);
    const unprotected = new BerthError('host.unprotected', 'iptables: is not installed');
    host.settings.protection = { assert: () => Promise.reject(unprotected) };
    expect(await look(host, site)).toMatchObject({ reason: 'HostUnprotected', message: 'iptables: is not installed' });
    expect(host.simulator.control.networks()).not.toContain(site.name);
    await host.docker.getContainer(running.name).stop();
    await lookUntil(host, running, 'HostUnprotected');
    expect((await show(running)).State.Running).toBe(false);
    delete host.settings.protection;
    for (const one of [running, site]) await lookUntil(host, one, 'Healthy');
  });

  test('says that an image never gets healthy, looks seldom from then on, and goes on when it does', async () => {
    const site = await orderSite(host, { image: 'berth-demo/unhealthy:1' });
    const starting = await lookUntil(host, site, 'ContainerStarting');
    expect(starting.dueInMs).toBeLessThan(1000);
    await passStartTime(host, site);
    const unhealthy = await lookUntil(host, site, 'ContainerUnhealthy');
    expect(unhealthy.status).toBe('false');
    expect(unhealthy.message).toContain('/health');
    expect(unhealthy.dueInMs).toBeGreaterThan(4000);
    const { State } = await show(site);
    await look(host, site);
    expect((await show(site)).State.StartedAt).toBe(State.StartedAt);
    host.simulator.control.setHealth(site.name, 'healthy');
    await lookUntil(host, site, 'Healthy');
  });

  test('gives one that ran and was brought back its time to start, however long ago it was deployed', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    await passStartTime(host, site);
    host.simulator.control.setHealth(site.name, 'unhealthy');
    await lookUntil(host, site, 'ContainerUnhealthy');
    await host.docker.getContainer(site.name).stop();
    const brought = await lookUntil(host, site, 'ContainerStarting');
    expect(brought.dueInMs).toBeLessThan(1000);
    expect((await look(host, site)).reason).toBe('ContainerStarting');
  });

  test('takes another port when a stranger holds the one that was given, and leaves that alone for an hour', async () => {
    const site = await orderSite(host);
    const before = await numbersOf(host, site);
    const stranger = await listen(before.port);
    await lookUntil(host, site, 'Healthy');
    const after = await numbersOf(host, site);
    stranger?.close();
    expect(after.port).not.toBe(before.port);
    expect(after.slot).not.toBe(before.slot);
    expect((await show(site)).HostConfig.PortBindings).toMatchObject({
      '3000/tcp': [{ HostPort: String(after.port) }],
    });
    expect((await fetch(`http://127.0.0.1:${after.port}/health`)).status).toBe(200);
    const old = await portRow(before.port);
    expect(old?.free).toBe(true);
    expect(old?.occupiedS).toBeGreaterThan(3500);
    expect(await portRow(after.port)).toEqual({ free: false, occupiedS: null });
    expect(await eventsOf(host, site, 'port.replaced')).toMatchObject([
      { reason: 'PortOccupied', data: { from: before.port, to: after.port } },
    ]);
    const connector = await rows(
      host,
      `select wakes::int from site_conditions where placement_id = $1 and aspect = 'connector' and due_at <= now()`,
      [site.placementId],
    );
    expect(connector).toEqual([{ wakes: 1 }]);
  });

  test('moves a site that runs when a stranger takes its port while it restarts', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    const before = await numbersOf(host, site);
    await host.docker.getContainer(site.name).stop();
    const stranger = await listen(before.port);
    await lookUntil(host, site, 'Healthy');
    stranger?.close();
    expect((await numbersOf(host, site)).port).not.toBe(before.port);
    expect(await host.simulator.control.networks()).toContain(site.name);
  });

  test('waits and says so when a stranger holds its port and no other is free', async () => {
    const site = await orderSite(host);
    const { port } = await numbersOf(host, site);
    await host.db.pool.query(
      `update port_allocations set rest_until = now() + interval '1 hour' where placement_id is null`,
    );
    const stranger = await listen(port);
    const waiting = await lookUntil(host, site, 'NoAvailablePorts');
    expect(waiting.message).toContain(String(port));
    stranger?.close();
    await lookUntil(host, site, 'Healthy');
    expect((await numbersOf(host, site)).port).toBe(port);
    await host.db.pool.query('update port_allocations set rest_until = null');
  });

  test('names a stranger’s container that has its name, and never touches it', async () => {
    const site = await orderSite(host);
    const stranger = await host.docker.createContainer({ name: site.name, Image: 'berth-demo/site:1' });
    await stranger.start();
    const before = await stranger.inspect();
    const seen = await lookUntil(host, site, 'DockerStranger');
    expect(seen.message).toContain(site.name);
    await look(host, site);
    expect(await stranger.inspect()).toEqual(before);
    await stranger.remove({ force: true });
    await lookUntil(host, site, 'Healthy');
  });

  test('names a stranger’s network that has its name, and never touches it', async () => {
    const site = await orderSite(host);
    const stranger = await host.docker.createNetwork({ Name: site.name });
    const before = await stranger.inspect();
    expect((await lookUntil(host, site, 'DockerStranger')).message).toContain(`network ${site.name}`);
    await look(host, site);
    expect(await stranger.inspect()).toEqual(before);
    await stranger.remove();
    await lookUntil(host, site, 'Healthy');
  });

  test('takes another slot where the network of a site that nobody knows any more has its addresses', async () => {
    const site = await orderSite(host);
    const before = await numbersOf(host, site);
    const Config = [{ Subnet: `10.200.${Math.floor(before.slot / 16)}.${(before.slot % 16) * 16}/28` }];
    const leftOver = await host.docker.createNetwork({
      Name: 'customer-unknown',
      IPAM: { Driver: 'default', Config },
      Labels: { 'berth.placement': 'unknown' },
    });
    await lookUntil(host, site, 'Healthy');
    const after = await numbersOf(host, site);
    expect(after.slot).not.toBe(before.slot);
    expect(await eventsOf(host, site, 'port.replaced')).toMatchObject([
      {
        reason: 'AddressesTaken',
        message: expect.stringContaining('network customer-unknown has the addresses'),
        data: { from: before.port, to: after.port },
      },
    ]);
    await leftOver.remove();
  });

  test('names a stranger’s network that has the addresses of many slots, and goes on when that is gone', async () => {
    const site = await orderSite(host);
    const { slot } = await numbersOf(host, site);
    const Subnet = '10.200.0.0/16';
    const Config = [{ Subnet }];
    for (const name of host.simulator.control.networks().filter((one) => one.startsWith('customer-'))) {
      for (const id of Object.keys((await host.docker.getNetwork(name).inspect()).Containers ?? {})) {
        await host.docker.getContainer(id).remove({ force: true });
      }
      await host.docker.getNetwork(name).remove();
    }
    const stranger = await host.docker.createNetwork({ Name: 'overlapping', IPAM: { Driver: 'default', Config } });
    const seen = await lookUntil(host, site, 'DockerStranger');
    expect(seen.message).toContain(`10.200.${Math.floor(slot / 16)}.${(slot % 16) * 16}/28`);
    await stranger.remove();
    await lookUntil(host, site, 'Healthy');
  });

  test('takes another slot where Docker holds the bridge for a network that it does not show', async () => {
    const site = await orderSite(host);
    const before = await numbersOf(host, site);
    host.simulator.control.loseBridge(`berth${before.slot}`);
    await lookUntil(host, site, 'Healthy');
    const after = await numbersOf(host, site);
    expect(after.slot).not.toBe(before.slot);
    expect(await eventsOf(host, site, 'port.replaced')).toMatchObject([
      { reason: 'AddressesLost', data: { from: before.port, to: after.port } },
    ]);
  });

  test('makes a container anew that did not start', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    const { Id } = await show(site);
    await host.docker.getContainer(Id).stop();
    host.simulator.control.addFault({
      kind: 'error',
      status: 500,
      message: `task ${Id}: already exists`,
      on: '/start$',
    });
    await lookUntil(host, site, 'DockerRefused');
    await lookUntil(host, site, 'Healthy');
    expect((await show(site)).Id).not.toBe(Id);
  });

  test('tries again when Docker refuses to start the container', async () => {
    const site = await orderSite(host);
    host.simulator.control.addFault({
      kind: 'error',
      status: 500,
      message: 'port is already allocated',
      on: '/start$',
    });
    expect((await lookUntil(host, site, 'DockerRefused')).message).toContain('HTTP 500');
    await lookUntil(host, site, 'Healthy');
  });

  test('says that Docker is away, knows nothing meanwhile, and repairs what happened when it is back', async () => {
    const site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
    await host.docker.getContainer(site.name).remove({ force: true });
    await host.simulator.control.away();
    const away = await lookUntil(host, site, 'DockerUnavailable');
    expect(away).toMatchObject({ status: 'unknown', gone: false });
    expect((await look(host, site)).tries).toBe(2);
    await host.simulator.control.back();
    await lookUntil(host, site, 'Healthy');
    expect((await show(site)).State.Status).toBe('running');
  });

  test('leaves a container that crashes again and again to Docker’s own restarts', async () => {
    const site = await orderSite(host, { image: 'berth-demo/exits:1' });
    await lookUntil(host, site, 'ContainerStarting');
    await expect.poll(async () => (await show(site)).RestartCount).toBeGreaterThan(1);
    const { Id } = await show(site);
    await passStartTime(host, site);
    await lookUntil(host, site, 'ContainerUnhealthy');
    expect((await show(site)).Id).toBe(Id);
    expect((await conditionOf(host, site)).status).toBe('false');
  });
});
