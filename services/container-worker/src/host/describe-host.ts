import type { HostRegistration } from '@berth/shared/store/hosts';
import type Docker from 'dockerode';
import { guarded } from '../adapters/docker-errors.ts';
import type { ContainerWorkerConfig } from '../config.ts';
import type { Protection } from '../firewall/protection.ts';

const DESCRIBE_MS = 10_000;

/** What the Engine says of itself, as far as it's read here. */
interface EngineInfo {
  MemTotal?: number;
  NCPU?: number;
  ServerVersion?: string;
  KernelVersion?: string;
  LiveRestoreEnabled?: boolean;
}

const NO_LIVE_RESTORE =
  'HostNotReady: Docker would end all containers with itself; put "live-restore": true into /etc/docker/daemon.json and reload it';

/** What the host says of itself, as far as its Docker, its firewall and its settings know. @throws while Docker is away */
export function makeDescribeHost(docker: Docker, protection: Pick<Protection, 'check'>, config: ContainerWorkerConfig) {
  return async function describeHost(signal: AbortSignal): Promise<HostRegistration> {
    const info: EngineInfo = await guarded('asking Docker about its host', signal, DESCRIBE_MS, () => docker.info());
    const open = await protection.check(signal);
    const problems = [
      ...(info.LiveRestoreEnabled ? [] : [NO_LIVE_RESTORE]),
      ...(open === undefined ? [] : [`HostUnprotected: ${open}`]),
    ];
    return {
      id: config.HOST_ID,
      customerPorts: { start: config.CUSTOMER_PORT_START, end: config.CUSTOMER_PORT_END },
      memoryBytes: config.HOST_MEMORY ?? info.MemTotal ?? 0,
      memoryOvercommit: config.HOST_MEMORY_OVERCOMMIT,
      cpus: info.NCPU ?? 0,
      labels: config.HOST_LABELS,
      versions: { docker: info.ServerVersion ?? 'unknown', kernel: info.KernelVersion ?? 'unknown' },
      problem: problems.length > 0 ? problems.join('; ') : undefined,
    };
  };
}
