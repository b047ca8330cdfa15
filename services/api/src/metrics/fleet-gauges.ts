import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Metrics } from '@berth/shared/runtime/metrics';
import type { Queues } from '@berth/shared/runtime/queues';
import type { Fleet } from '@berth/shared/store/fleet';
import { Gauge } from 'prom-client';

interface Deps {
  metrics: Pick<Metrics, 'registry'>;
  readFleet(): Promise<Fleet>;
  /** undefined where the queue is switched off */
  queues: Pick<Queues, 'open'> | undefined;
  clock: Clock;
  log: Log;
}

/** Scrapes by several servers cost one look. */
const KEPT_MS = 10_000;
const QUEUE_STATES = ['active', 'waiting', 'delayed', 'failed'] as const;

/** Adds to the API's metrics what only the database and the queues know of all processes together. */
export function addFleetGauges(deps: Deps): void {
  const gauges = makeGauges(deps.metrics);
  let seenMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const fleet = await deps.readFleet();
    for (const gauge of Object.values(gauges)) gauge.reset();
    for (const { state, sites } of fleet.sites) gauges.sites.set({ state }, sites);
    for (const { queue, conditions, oldestSeconds } of fleet.due) {
      gauges.due.set({ queue }, conditions);
      gauges.oldestDue.set({ queue }, oldestSeconds);
    }
    for (const { host, pool, taken, all } of fleet.ports) {
      gauges.ports.set({ host, pool, state: 'taken' }, taken);
      gauges.ports.set({ host, pool, state: 'free' }, all - taken);
    }
    for (const { host, promised, all } of fleet.memory) {
      gauges.memory.set({ host, state: 'promised' }, promised);
      gauges.memory.set({ host, state: 'free' }, Math.max(0, all - promised));
    }
    for (const { kind, open } of fleet.incidents) gauges.incidents.set({ kind }, open);
    for (const { host, worker, seconds } of fleet.leases) gauges.leases.set({ host, worker }, seconds);
    for (const { account, callsLeft } of fleet.budgets) gauges.callsLeft.set({ account }, callsLeft);
    await countJobs(fleet);
  }

  async function countJobs(fleet: Fleet): Promise<void> {
    const { queues } = deps;
    if (!queues) return;
    const names = new Set(['domain', 'edge', 'notify', ...fleet.due.map(({ queue }) => queue)]);
    const kinds = ['container', 'connector', 'health'];
    for (const { host } of fleet.memory) for (const kind of kinds) names.add(`${kind}-${host}`);
    await Promise.all(
      [...names].map(async (queue) => {
        const opened = queues.open(queue);
        const [counts, [oldest]] = await Promise.all([opened.getJobCounts(...QUEUE_STATES), opened.getWaiting(0, 0)]);
        for (const state of QUEUE_STATES) gauges.jobs.set({ queue, state }, counts[state] ?? 0);
        const waitedMs = oldest ? deps.clock.date().getTime() - oldest.timestamp : 0;
        gauges.oldestJob.set({ queue }, Math.max(0, waitedMs) / 1000);
      }),
    );
  }

  /** A scrape during an outage still gets what this process knows by itself. */
  async function refresh(): Promise<void> {
    if (deps.clock.monotonicMs() - seenMs < KEPT_MS) return;
    looking ??= look()
      .then(() => {
        seenMs = deps.clock.monotonicMs();
      })
      .catch((error: unknown) => deps.log.warn({ err: messageOf(error) }, 'fleet could not be counted'))
      .finally(() => {
        looking = undefined;
      });
    await looking;
  }

  for (const gauge of Object.values(gauges)) Object.assign(gauge, { collect: refresh });
}

function makeGauges({ registry }: Pick<Metrics, 'registry'>) {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    sites: gauge('berth_sites', 'Sites that are not gone, by state', 'state'),
    due: gauge('berth_conditions_due', 'Conditions whose time has come, by queue', 'queue'),
    oldestDue: gauge('berth_conditions_oldest_due_seconds', 'How long the first of them has waited', 'queue'),
    jobs: gauge('berth_queue_jobs', 'Jobs of a queue, by state', 'queue', 'state'),
    oldestJob: gauge('berth_queue_oldest_job_seconds', 'How long the first job that waits has waited', 'queue'),
    memory: gauge(
      'berth_host_memory_bytes',
      'Memory of a host that sites may have, promised and free',
      'host',
      'state',
    ),
    ports: gauge('berth_host_ports', 'Ports of a host, by pool', 'host', 'pool', 'state'),
    incidents: gauge('berth_incidents_open', 'Open incidents, by kind', 'kind'),
    leases: gauge('berth_host_lease_seconds', "How long a worker's word for its host still holds", 'host', 'worker'),
    callsLeft: gauge('berth_cloudflare_calls_left', 'Calls to Cloudflare that may be made at once', 'account'),
  };
}
