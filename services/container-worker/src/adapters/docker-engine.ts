import type Docker from 'dockerode';
import type { EngineFacts } from '../checks/judge-host.ts';
import { labels } from '../reconcile/container-access.ts';
import { guarded } from './docker-errors.ts';

const TIMEOUT_MS = 10_000;

interface Info {
  ServerVersion?: string;
  LiveRestoreEnabled?: boolean;
  SecurityOptions?: string[] | null;
}

/** Reads what the Engine says of itself. @throws BerthError `docker.unavailable` */
export function makeReadEngine(docker: Docker) {
  return (signal: AbortSignal): Promise<EngineFacts> =>
    guarded('asking Docker about itself', signal, TIMEOUT_MS, async (abortSignal) => {
      const [info, networks]: [Info, Docker.NetworkInspectInfo[]] = await Promise.all([
        docker.info(),
        docker.listNetworks({ abortSignal }),
      ]);
      return {
        version: info.ServerVersion ?? 'unknown',
        liveRestore: info.LiveRestoreEnabled ?? false,
        seccomp: (info.SecurityOptions ?? []).some((option) => option.includes('name=seccomp')),
        foreignNetworks: networks
          .filter((network) => network.Labels?.[labels.placement] === undefined)
          .flatMap(({ Name, IPAM }) =>
            (IPAM?.Config ?? []).map(({ Subnet }) => ({ name: Name, subnet: Subnet ?? '' })),
          ),
      };
    });
}
