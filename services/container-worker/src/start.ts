import { queueOf } from '@berth/shared/domain/aspects';
import type { Context } from '@berth/shared/runtime/context';
import { keepChecked } from '@berth/shared/runtime/keep-checked';
import { startLines } from '@berth/shared/runtime/lines/start-lines';
import { type RunningWorker, startWorker } from '@berth/shared/runtime/worker';
import Docker from 'dockerode';
import { makeDockerContainers } from './adapters/docker-containers.ts';
import { makeDockerDisk } from './adapters/docker-disk.ts';
import { makeReadEngine } from './adapters/docker-engine.ts';
import { makeDockerImages } from './adapters/docker-images.ts';
import { makeDockerLogs } from './adapters/docker-logs.ts';
import { makeDockerNetworks } from './adapters/docker-networks.ts';
import { makeDockerSweptImages } from './adapters/docker-swept-images.ts';
import { makeHostPorts } from './adapters/host-ports.ts';
import { makeHttpProbe } from './adapters/http-probe.ts';
import { makeTurns } from './adapters/in-turn.ts';
import { makeLinuxNetwork } from './adapters/linux-network.ts';
import { makeCheckHost } from './checks/check-host.ts';
import type { ContainerWorkerConfig } from './config.ts';
import { type HostFirewall, makeFirewall } from './firewall/firewall.ts';
import { makeIptables } from './firewall/iptables.ts';
import { makeProtection } from './firewall/protection.ts';
import { makeDescribeHost } from './host/describe-host.ts';
import { keepRegistered } from './host/keep-registered.ts';
import { keepSwept } from './host/keep-swept.ts';
import { makeSweepImages } from './host/sweep-images.ts';
import { makeContainerLines } from './logs/container-lines.ts';
import { makeReconcileContainer } from './reconcile/reconcile-container.ts';

const PULL_NEWS_MS = 3000;
const CHECK_MS = 60_000;

/** Starts the container-worker of this host: registers it, and serves its containers. */
export async function startContainerWorker(config: ContainerWorkerConfig, context: Context): Promise<RunningWorker> {
  const { db, vault, hints, clock } = context;
  const log = context.log.child({ service: 'container-worker', hostId: config.HOST_ID });
  const docker = openDocker(config.DOCKER_HOST);
  const turns = makeTurns();
  const protection = makeProtection({ firewall: openFirewall(config), clock, log });
  const host = keepRegistered({ db, clock, log, hints, describe: makeDescribeHost(docker, protection, config) });
  const sweepImages = makeSweepImages({ db, log, hostId: config.HOST_ID, images: makeDockerSweptImages(docker) });
  const disk = makeDockerDisk(docker, config.DOCKER_HOST);
  const stopChecks = keepChecked({
    ...{ db, clock, log, scope: 'host', subject: config.HOST_ID, service: 'container-worker', everyMs: CHECK_MS },
    run: makeCheckHost({
      db,
      clock,
      disk,
      protection,
      hostId: config.HOST_ID,
      subnetPool: config.BERTH_SUBNET_POOL,
      minFreeBytes: config.IMAGE_MIN_FREE_BYTES,
      readEngine: makeReadEngine(docker),
      network: makeLinuxNetwork(),
    }),
  });
  const swept = keepSwept({ sweep: sweepImages, clock, log });
  const worker = await startWorker({
    context,
    log,
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
          containers: makeDockerContainers(docker, turns.inTurn),
          networks: makeDockerNetworks(docker, turns.inTurn),
          images: makeDockerImages(docker, { pullTimeoutMs: config.IMAGE_PULL_SECONDS * 1000 }),
          disk,
          minFreeBytes: config.IMAGE_MIN_FREE_BYTES,
          sweepImages,
          ports: makeHostPorts(),
          probe: makeHttpProbe(),
          protection,
          turns,
        }),
      },
    },
  });
  const logs = startLines({
    context,
    log,
    source: makeContainerLines(makeDockerLogs(docker), log),
    hostId: config.HOST_ID,
    retentionDays: config.LOG_RETENTION_DAYS,
    siteBytes: config.LOG_SITE_BYTES,
  });
  return {
    ...worker,
    async drain(timeoutMs) {
      await Promise.all([host.stop(), logs.stop(), swept.stop(), stopChecks(), worker.drain(timeoutMs)]);
    },
  };
}

/** Berth's own firewall, or nothing to keep where somebody else does that. */
function openFirewall(config: ContainerWorkerConfig): Pick<HostFirewall, 'ensure'> {
  if (config.BERTH_FIREWALL === 'elsewhere') return { ensure: async () => false };
  return makeFirewall(makeIptables(), { pool: config.BERTH_SUBNET_POOL, allowed: config.EGRESS_ALLOW });
}

/** A client of the Engine at `DOCKER_HOST`. */
export function openDocker(dockerHost: string): Docker {
  const url = new URL(dockerHost);
  if (url.protocol === 'unix:') return new Docker({ socketPath: url.pathname });
  return new Docker({ protocol: 'http', host: url.hostname, port: Number(url.port || 2375) });
}
