import type { Environment } from '@berth/shared/runtime/config';
import { parseConfig } from '@berth/shared/runtime/config';
import { z } from 'zod';
import { makeDockerNetworks } from '../adapters/docker-networks.ts';
import { containerWorkerSettings } from '../config.ts';
import { makeFirewall } from '../firewall/firewall.ts';
import { makeIptables } from '../firewall/iptables.ts';
import { labels } from '../reconcile/container-access.ts';
import { openDocker } from '../start.ts';

/** The settings of the container-worker that a host is set up by: neither a database nor a key is needed. */
const hostSetupSettings = z.object({
  DOCKER_HOST: containerWorkerSettings.shape.DOCKER_HOST,
  BERTH_SUBNET_POOL: containerWorkerSettings.shape.BERTH_SUBNET_POOL,
  EGRESS_ALLOW: containerWorkerSettings.shape.EGRESS_ALLOW,
});

/** Puts the firewall in place. @returns what was done, in lines @throws BerthError `host.unprotected`, ConfigError */
export async function setUpHost(environment: Environment): Promise<string[]> {
  const config = parseConfig(hostSetupSettings, environment);
  const changed = await openFirewall(config).ensure();
  const lines = [changed ? 'the firewall was put in place' : 'the firewall stands already'];
  const { LiveRestoreEnabled } = await openDocker(config.DOCKER_HOST).info();
  if (!LiveRestoreEnabled) lines.push('missing: "live-restore": true in /etc/docker/daemon.json');
  return lines;
}

/** Takes the firewall away, and our networks that nothing hangs on. @throws Error while containers of Berth are there */
export async function tearDownHost(environment: Environment): Promise<string[]> {
  const config = parseConfig(hostSetupSettings, environment);
  const docker = openDocker(config.DOCKER_HOST);
  const containers = await docker.listContainers({ all: true, filters: { label: [labels.placement] } });
  if (containers.length > 0) {
    const names = containers.map(({ Names }) => Names[0]?.slice(1)).join(', ');
    throw new Error(`containers of Berth are on this host, and would be open: ${names}; drain the host first`);
  }
  const lines: string[] = [];
  const networks = makeDockerNetworks(docker);
  for (const { Name } of await docker.listNetworks({ filters: { label: [labels.placement] } })) {
    await networks.remove(Name, AbortSignal.timeout(30_000));
    lines.push(`network ${Name} was removed`);
  }
  lines.push((await openFirewall(config).remove()) ? 'the firewall was taken away' : 'there was no firewall');
  return lines;
}

function openFirewall(config: z.output<typeof hostSetupSettings>) {
  return makeFirewall(makeIptables(), { pool: config.BERTH_SUBNET_POOL, allowed: config.EGRESS_ALLOW });
}
