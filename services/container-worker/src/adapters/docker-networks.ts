import { BerthError } from '@berth/shared/errors/berth-error';
import type Docker from 'dockerode';
import { labels, type Networks } from '../reconcile/container-access.ts';
import { guarded, statusOf, unless } from './docker-errors.ts';

const TIMEOUT_MS = 30_000;

/** Networks of this host, over the Engine's API. */
export function makeDockerNetworks(docker: Docker): Networks {
  return {
    async find(name, signal) {
      const shown: Docker.NetworkInspectInfo | undefined = await unless(
        [404],
        guarded(`reading network ${name}`, signal, TIMEOUT_MS, () => docker.getNetwork(name).inspect()),
      );
      if (!shown || shown.Name !== name) return undefined;
      return {
        id: shown.Id,
        placementId: shown.Labels?.[labels.placement],
        subnet: shown.IPAM?.Config?.[0]?.Subnet ?? '',
      };
    },
    async create({ name, subnet, gateway, bridge, labels: given }, signal) {
      const create = guarded(`creating network ${name}`, signal, TIMEOUT_MS, (abortSignal) =>
        docker.createNetwork({
          Name: name,
          CheckDuplicate: true,
          Driver: 'bridge',
          IPAM: { Driver: 'default', Config: [{ Subnet: subnet, Gateway: gateway }] },
          Options: { 'com.docker.network.bridge.enable_icc': 'false', 'com.docker.network.bridge.name': bridge },
          Labels: { ...given },
          abortSignal,
        }),
      );
      await unlessForbidden(create, `another network has the addresses ${subnet} or the bridge ${bridge}; remove it`);
    },
    async remove(name, signal) {
      const remove = guarded(`removing network ${name}`, signal, TIMEOUT_MS, (abortSignal) =>
        docker.getNetwork(name).remove({ abortSignal }),
      );
      const message = `a container that Berth did not make hangs on network ${name}; disconnect it`;
      await unlessForbidden(unless([404], remove), message);
    },
  };
}

/** The Engine forbids (403) what strangers' networks and containers are in the way of. */
async function unlessForbidden(work: Promise<unknown>, message: string): Promise<void> {
  try {
    await work;
  } catch (cause) {
    throw statusOf(cause) === 403 ? new BerthError('docker.stranger', message, { cause }) : cause;
  }
}
