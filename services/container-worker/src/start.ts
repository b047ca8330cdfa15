import { queueOf } from '@berth/shared/domain/aspects';
import type { Context } from '@berth/shared/runtime/context';
import { type RunningWorker, startWorker } from '@berth/shared/runtime/worker';
import type { HostRegistration } from '@berth/shared/store/hosts';
import Docker from 'dockerode';
import { makeDockerContainers } from './adapters/docker-containers.ts';
import { makeDockerDisk } from './adapters/docker-disk.ts';
import { guarded } from './adapters/docker-errors.ts';
import { makeDockerImages } from './adapters/docker-images.ts';
import { makeDockerLogs } from './adapters/docker-logs.ts';
import { makeDockerNetworks } from './adapters/docker-networks.ts';
import { makeDockerSweptImages } from './adapters/docker-swept-images.ts';
import { makeHostPorts } from './adapters/host-ports.ts';
import { makeHttpProbe } from './adapters/http-probe.ts';
import type { ContainerWorkerConfig } from './config.ts';
import { keepRegistered } from './host/keep-registered.ts';
import { keepSwept } from './host/keep-swept.ts';
import { makeSweepImages } from './host/sweep-images.ts';
import { startLogs } from './logs/start-logs.ts';
import { makeReconcileContainer } from './reconcile/reconcile-container.ts';

const DESCRIBE_MS = 10_000;
const PULL_NEWS_MS = 3000;
/** Starting containers is bound by the kernel's locks: more at once only take longer (measured: four). */
const CONCURRENCY = 8;

/** Starts the container-worker of this host: registers it, and serves its containers. */
export async function startContainerWorker(config: ContainerWorkerConfig, context: Context): Promise<RunningWorker> {
  const { db, vault, hints, clock } = context;
  const log = context.log.child({ service: 'container-worker', hostId: config.HOST_ID });
  const docker = openDocker(config.DOCKER_HOST);
  const host = keepRegistered({ db, clock, log, hints, describe: makeDescribeHost(docker, config) });
  const sweepImages = makeSweepImages({ db, log, hostId: config.HOST_ID, images: makeDockerSweptImages(docker) });
  const swept = keepSwept({ sweep: sweepImages, clock, log });
  const worker = await startWorker({
    context,
    log,
    concurrency: CONCURRENCY,
    serves: {
      [queueOf('container', config.HOST_ID)]: {
        container: makeReconcileContainer({
          db,
          vault,
          hints,
          clock,
          hostId: config.HOST_ID,
          subnetPool: config.BERTH_SUBNET_POOL,
          allowlist: config.IMAGE_ALLOWLIST,
          healthStartSeconds: config.HEALTH_START_SECONDS,
          pullNewsMs: PULL_NEWS_MS,
          containers: makeDockerContainers(docker),
          networks: makeDockerNetworks(docker),
          images: makeDockerImages(docker, { pullTimeoutMs: config.IMAGE_PULL_SECONDS * 1000 }),
          disk: makeDockerDisk(docker, config.DOCKER_HOST),
          minFreeBytes: config.IMAGE_MIN_FREE_BYTES,
          sweepImages,
          ports: makeHostPorts(),
          probe: makeHttpProbe(),
        }),
      },
    },
  });
  const logs = startLogs({
    context,
    log,
    logs: makeDockerLogs(docker),
    hostId: config.HOST_ID,
    retentionDays: config.LOG_RETENTION_DAYS,
    siteBytes: config.LOG_SITE_BYTES,
  });
  return {
    ...worker,
    async drain(timeoutMs) {
      await Promise.all([host.stop(), logs.stop(), swept.stop(), worker.drain(timeoutMs)]);
    },
  };
}

/** A client of the Engine at `DOCKER_HOST`. */
export function openDocker(dockerHost: string): Docker {
  const url = new URL(dockerHost);
  if (url.protocol === 'unix:') return new Docker({ socketPath: url.pathname });
  return new Docker({ protocol: 'http', host: url.hostname, port: Number(url.port || 2375) });
}

/** What the host says of itself, as far as its Docker and its settings know. @throws while Docker is away */
export function makeDescribeHost(docker: Docker, config: ContainerWorkerConfig) {
  return async function describeHost(signal: AbortSignal): Promise<HostRegistration> {
    const info: { MemTotal?: number; NCPU?: number; ServerVersion?: string; KernelVersion?: string } = await guarded(
      'asking Docker about its host',
      signal,
      DESCRIBE_MS,
      () => docker.info(),
    );
    return {
      id: config.HOST_ID,
      customerPorts: { start: config.CUSTOMER_PORT_START, end: config.CUSTOMER_PORT_END },
      memoryBytes: config.HOST_MEMORY ?? info.MemTotal ?? 0,
      memoryOvercommit: config.HOST_MEMORY_OVERCOMMIT,
      cpus: info.NCPU ?? 0,
      labels: config.HOST_LABELS,
      versions: { docker: info.ServerVersion ?? 'unknown', kernel: info.KernelVersion ?? 'unknown' },
    };
  };
}
