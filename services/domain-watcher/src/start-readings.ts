import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import type { Context } from '@berth/shared/runtime/context';
import { keepPartitions } from '@berth/shared/runtime/keep-partitions';
import type { Log } from '@berth/shared/runtime/log';
import { makeAccountRounds } from '@berth/shared/store/account-rounds';
import { dropOldRequests, ensureRequestPartitions } from '@berth/shared/store/request-log';
import { dropOldTraffic, ensureTrafficPartitions, makeTrafficReadings } from '@berth/shared/store/traffic-readings';
import { makeCloudflareRequests } from './adapters/cloudflare-requests.ts';
import { makeCloudflareTraffic } from './adapters/cloudflare-traffic.ts';
import { type DomainWatcherConfig, GRAPH_QUERIES_MAX } from './config.ts';
import { startLogpush } from './logpush/start-logpush.ts';
import { readAllRequests } from './requests/read-requests.ts';
import { keepReading } from './traffic/keep-reading.ts';
import { readAllTraffic } from './traffic/read-traffic.ts';

const FIVE_MINUTES_MS = 300_000;

interface Readings {
  cloudflare: Cloudflare;
  accountId: string;
  log: Log;
}

/** Starts what reads of Cloudflare what visitors did, and keeps it for as long as it is told to. @returns stops it */
export async function startReadings(
  config: DomainWatcherConfig,
  context: Context,
  { cloudflare, accountId, log }: Readings,
): Promise<() => Promise<void>> {
  const { db, clock, owner, queues, metrics } = context;
  const common = { db, clock, log, owner, queues, metrics, accountId };
  const partitionsOfTraffic = keepPartitions({
    ensure: () => ensureTrafficPartitions(db),
    drop: () => dropOldTraffic(db, config.TRAFFIC_RETENTION_DAYS),
    clock,
    log,
  });
  const retentionDays = config.REQUEST_LOG_DAYS;
  const partitionsOfRequests = keepPartitions({
    ensure: () => ensureRequestPartitions(db, retentionDays),
    drop: () => dropOldRequests(db, retentionDays),
    clock,
    log,
  });
  const readings = makeTrafficReadings(db, accountId);
  const traffic = makeCloudflareTraffic(cloudflare);
  const trafficPauseMs = FIVE_MINUTES_MS / config.TRAFFIC_QUERIES_PER_5_MIN;
  const stopTraffic = await keepReading({
    ...common,
    what: 'traffic',
    readings,
    read: (signal) => readAllTraffic({ ...common, readings, traffic, pauseMs: trafficPauseMs }, signal),
    everyMs: config.TRAFFIC_SECONDS * 1000,
    ready: partitionsOfTraffic.ready,
  });
  const rounds = makeAccountRounds(db, accountId, 'requests');
  const requestDeps = {
    ...common,
    readings: rounds,
    requests: makeCloudflareRequests(cloudflare),
    pauseMs: FIVE_MINUTES_MS / queriesOfRequests(config),
    retentionDays,
    keep: { ipv4: config.REQUEST_LOG_IPV4_BITS, ipv6: config.REQUEST_LOG_IPV6_BITS },
    rowsPerDay: config.REQUEST_LOG_ROWS_PER_DAY,
  };
  const stopRequests = await keepReading({
    ...common,
    what: 'requests',
    readings: rounds,
    read: async (signal) => (retentionDays === 0 ? 0 : readAllRequests(requestDeps, signal)),
    everyMs: config.REQUEST_LOG_SECONDS * 1000,
    ready: partitionsOfRequests.ready,
  });
  const stopLogpush = await startLogpush(config, common, cloudflare);
  return async () => {
    await Promise.all([
      stopTraffic(),
      stopRequests(),
      stopLogpush(),
      partitionsOfTraffic.stop(),
      partitionsOfRequests.stop(),
    ]);
  };
}

/** Both kinds of reading share Cloudflare's quota: traffic comes first. */
function queriesOfRequests(config: DomainWatcherConfig): number {
  return Math.max(
    1,
    Math.min(config.REQUEST_LOG_QUERIES_PER_5_MIN, GRAPH_QUERIES_MAX - config.TRAFFIC_QUERIES_PER_5_MIN),
  );
}
