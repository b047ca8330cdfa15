import { makeEdgeProbe } from '@berth/edge/edge-probe';
import type { Context } from '@berth/shared/runtime/context';
import { keepChecked } from '@berth/shared/runtime/keep-checked';
import { keepPartitions } from '@berth/shared/runtime/keep-partitions';
import type { Running } from '@berth/shared/runtime/worker';
import { dropOldHealth, ensureHealthPartitions } from '@berth/shared/store/health-partitions';
import { makeSweeps } from '@berth/shared/store/health-sweeps';
import { followDocker } from './adapters/docker-events.ts';
import { makeDockerLook, openDocker } from './adapters/docker-look.ts';
import { makeHttpLook } from './adapters/http-look.ts';
import { takesConnection } from './adapters/local-port.ts';
import { makeSystemdLook } from './adapters/systemd-look.ts';
import { makeCheckWatch } from './checks/check-watch.ts';
import type { HealthWorkerConfig } from './config.ts';
import { keepRegistered } from './host/keep-registered.ts';
import { makeEdgeSweep } from './sweep/edge-sweep.ts';
import { type HostSweepDeps, makeHostSweep } from './sweep/host-sweep.ts';
import { keepScheduled } from './sweep/keep-scheduled.ts';
import { type RunningSweeps, runSweeps } from './sweep/run-sweeps.ts';
import { makeUnusualSweep } from './sweep/unusual-sweep.ts';
import { makeUrgentLooks } from './sweep/urgent-looks.ts';

/** What is compared is summed up by the hour. */
const UNUSUAL_MS = 900_000;
const CHECK_MS = 60_000;

/** Starts the health-worker of this host. */
export async function startHealthWorker(config: HealthWorkerConfig, context: Context): Promise<Running> {
  const { db, clock, owner, hints, metrics } = context;
  const hostId = config.HOST_ID;
  const log = context.log.child({ service: 'health-worker', hostId });
  const intervalMs = config.CHECK_INTERVAL_SECONDS * 1000;
  const partitions = keepPartitions({
    ensure: () => ensureHealthPartitions(db),
    drop: () => dropOldHealth(db, config.HEALTH_RETENTION_DAYS),
    clock,
    log,
  });
  await partitions.ready;
  const registered = keepRegistered({ db, clock, log, hostId });
  const docker = openDocker(config.DOCKER_HOST);
  const deps = {
    db,
    hostId,
    clock,
    log,
    hints,
    metrics,
    docker: makeDockerLook(docker, clock),
    systemd: makeSystemdLook(config.SYSTEMCTL_PATH),
    http: makeHttpLook({ timeoutMs: config.HEALTH_TIMEOUT_SECONDS * 1000, clock }),
    rules: { failuresToAct: config.HEALTH_FAILURES, startMs: config.HEALTH_START_SECONDS * 1000, intervalMs },
  };
  const sweeps = makeSweeps(db, { hostId, kind: 'host', intervalMs });
  const host = runSweeps({ sweeps, name: 'host', sweep: makeHostSweep(deps), clock, log, metrics, owner });
  const edge = startEdgeSweeps(config, context, deps);
  const unusual = runSweeps({
    sweeps: makeSweeps(db, { hostId, kind: 'anomalies', intervalMs: UNUSUAL_MS }),
    name: 'anomalies',
    sweep: makeUnusualSweep({ db, hostId }),
    clock,
    log,
    metrics,
    owner,
  });
  // From the first moment, so that the first restart is seen as a rise.
  for (const target of ['container', 'tunnel']) metrics.restarts.inc({ target }, 0);
  const { queues } = context;
  const unschedule = queues && (await keepScheduled({ queues, hostId, intervalMs, sweeps, host, clock, log }));
  const urgent = makeUrgentLooks(deps);
  const followed = followDocker({
    docker,
    clock,
    log,
    take: urgent.take,
    onBack: () =>
      void sweeps
        .hasten()
        .then(host.lookNow)
        .catch((error: unknown) => log.debug({ err: error }, 'no sweep now')),
  });
  const stopChecks = keepChecked({
    ...{ db, clock, log, scope: 'host', subject: hostId, service: 'health-worker', everyMs: CHECK_MS },
    run: makeCheckWatch({
      ...{ db, clock, hostId, docker: deps.docker, systemd: deps.systemd, takesConnection },
      followsEvents: followed.isFollowing,
    }),
  });
  return {
    async drain() {
      await Promise.all([
        unschedule?.(),
        followed.stop(),
        stopChecks(),
        urgent.stop(),
        host.stop(),
        edge?.stop(),
        unusual.stop(),
        partitions.stop(),
        registered.stop(),
      ]);
    },
  };
}

/** @returns undefined where hosts don't look at the edge */
function startEdgeSweeps(
  config: HealthWorkerConfig,
  { vault, clock, metrics, owner }: Context,
  deps: HostSweepDeps,
): RunningSweeps | undefined {
  if (config.EDGE_CHECK_SECONDS === 0) return undefined;
  const { db, hostId, log, rules } = deps;
  const probe = makeEdgeProbe({ address: config.EDGE_ADDRESS, caFile: config.EDGE_CA_FILE });
  const everyMs = config.EDGE_CHECK_SECONDS * 1000;
  return runSweeps({
    sweeps: makeSweeps(db, { hostId, kind: 'edge', intervalMs: rules.intervalMs }),
    name: 'edge',
    sweep: makeEdgeSweep({ ...deps, vault, probe, rules: { ...rules, intervalMs: everyMs } }),
    clock,
    log,
    metrics,
    owner,
  });
}
