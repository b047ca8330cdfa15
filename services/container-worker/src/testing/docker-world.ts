import { freePlacement } from '@berth/shared/store/placements';
import type Docker from 'dockerode';
import type { ContainerHost, SiteHost } from './container-host.ts';
import { numbersOf, type PlacedSite } from './placed-site.ts';

const strangers = { container: 'somebody', network: 'somebodys-network' };

/** A container and a network that others made on the host. */
export async function makeStrangers({ docker, simulator }: ContainerHost): Promise<void> {
  simulator.control.publishImage('somebody/thing:1');
  await pull(docker, 'somebody/thing:1');
  await docker.createNetwork({ Name: strangers.network, Labels: { 'com.example.owner': 'somebody' } });
  const HostConfig = { NetworkMode: strangers.network, RestartPolicy: { Name: 'always' } };
  await (await docker.createContainer({ name: strangers.container, Image: 'somebody/thing:1', HostConfig })).start();
}

/** What others have on the host: it must stay as it is. */
export async function seeStrangers({ docker }: SiteHost): Promise<unknown> {
  const { Id, State, HostConfig, Config } = await docker.getContainer(strangers.container).inspect();
  return {
    container: { Id, State, HostConfig, Config },
    network: await docker.getNetwork(strangers.network).inspect(),
  };
}

/** Brings an image to the host, as somebody at its command line does. */
export async function pull(docker: Docker, reference: string): Promise<void> {
  const stream = await docker.pull(reference);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
}

/** What Docker and the tables have of a site, without ids and times and with its own numbers replaced by words. */
export async function seeOurs(host: SiteHost, site: PlacedSite): Promise<string> {
  const filters = { label: [`berth.site=${site.siteId}`] };
  const listed = await host.docker.listContainers({ all: true, filters });
  const containers = await Promise.all(listed.map(({ Id }) => host.docker.getContainer(Id).inspect()));
  const networks = await host.docker.listNetworks({ filters });
  const { rows } = await host.db.pool.query(
    `select container_name, image_name, port, memory_limit, cpu_limit, status, health_status, release
    from customer_containers where site_id = $1 and status <> 'removed' order by created_at`,
    [site.siteId],
  );
  const { port, slot } = await numbersOf(host, site);
  const seen = {
    containers: containers.map(({ Name, State, Config, HostConfig, NetworkSettings }) => ({
      Name,
      status: State.Status,
      Env: Config.Env,
      Image: Config.Image,
      Labels: { ...Config.Labels, 'berth.mark': 'a mark' },
      HostConfig,
      ports: NetworkSettings.Ports,
      networks: Object.keys(NetworkSettings.Networks),
    })),
    networks: networks.map(({ Name, Labels, Options, IPAM }) => ({
      Name,
      Labels,
      Options,
      slot: IPAM?.Config?.[0]?.Subnet === subnetOf(slot),
    })),
    rows,
  };
  const words: readonly [string, string][] = [
    [site.siteId, '<site>'],
    [site.placementId, '<placement>'],
    [`customer-${site.key}`, 'customer-<key>'],
    [`=${site.key}"`, '=<key>"'],
    [`berth${slot}"`, 'berth<slot>"'],
  ];
  const text = words.reduce((said, [from, to]) => said.replaceAll(from, to), JSON.stringify(seen, null, 1));
  // As a number of its own: as digits it may be within another.
  return text.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), '<port>');
}

function subnetOf(slot: number): string {
  return `10.200.${Math.floor(slot / 16)}.${(slot % 16) * 16}/28`;
}

/** Replaces a container by one that differs in something, as somebody at the host's command line can. */
export async function rebuild(
  { docker }: SiteHost,
  name: string,
  change: (options: Docker.ContainerCreateOptions) => Docker.ContainerCreateOptions,
): Promise<void> {
  const { Config, HostConfig } = await docker.getContainer(name).inspect();
  await docker.getContainer(name).remove({ force: true });
  const { Image, Env, Labels, ExposedPorts } = Config;
  const options = change({ name, Image, Env, Labels, ExposedPorts, HostConfig } as Docker.ContainerCreateOptions);
  await (await docker.createContainer(options)).start();
}

/** Removes all that is left of a site from Docker and gives its port back, so that others can have it at once. */
export async function discardSite({ docker, db }: SiteHost, site: PlacedSite): Promise<void> {
  const filters = { label: [`berth.site=${site.siteId}`] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true });
  }
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
  await freePlacement(db, site.placementId, 0);
}
