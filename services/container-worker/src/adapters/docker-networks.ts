import type Docker from 'dockerode';
import { labels, type Networks } from '../reconcile/container-access.ts';
import { guarded, unless } from './docker-errors.ts';

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
      return { placementId: shown.Labels?.[labels.placement], subnet: shown.IPAM?.Config?.[0]?.Subnet ?? '' };
    },
    async create({ name, subnet, gateway, bridge, labels: given }, signal) {
      await guarded(`creating network ${name}`, signal, TIMEOUT_MS, (abortSignal) =>
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
    },
    async remove(name, signal) {
      const remove = guarded(`removing network ${name}`, signal, TIMEOUT_MS, (abortSignal) =>
        docker.getNetwork(name).remove({ abortSignal }),
      );
      await unless([404], remove);
    },
  };
}
