import { startApi } from '@berth/api/start';
import { startContainerWorker } from '@berth/container-worker/start';
import { startDomainWatcher } from '@berth/domain-watcher/start';
import { startHealthWorker } from '@berth/health-worker/start';
import { startNotifier } from '@berth/notifier/start';
import { checkSecretsKey } from '@berth/shared/runtime/check-secrets-key';
import { systemClock } from '@berth/shared/runtime/clock';
import { type Context, openContext } from '@berth/shared/runtime/context';
import type { Log } from '@berth/shared/runtime/log';
import { migrateWhenReachable } from '@berth/shared/runtime/migrate-when-reachable';
import { serveMetrics } from '@berth/shared/runtime/serve-metrics';
import type { Running } from '@berth/shared/runtime/worker';
import { startTunnelWorker } from '@berth/tunnel-worker/start';
import type { StandaloneConfig } from './config.ts';

/** All services of one process, on one database pool and one set of queues. */
export interface StandaloneServices {
  context: Context;
  /** where the API listens */
  apiUrl: string;
  /** what must be drained before `close` */
  running: readonly Running[];
  close(): Promise<void>;
}

/** Migrates the database and starts every service; what was started is stopped again when one of them can't start. */
export async function startStandalone(config: StandaloneConfig, log: Log): Promise<StandaloneServices> {
  const { DATABASE_URL, REDIS_URL, REDIS_CA_FILE, BERTH_SECRETS_KEY, BERTH_QUEUE } = config.process;
  const waitSeconds = config.process.DATABASE_WAIT_SECONDS;
  await migrateWhenReachable({ url: DATABASE_URL.reveal(), log, clock: systemClock, waitSeconds });
  const context = await openContext({
    databaseUrl: DATABASE_URL,
    redisUrl: REDIS_URL,
    redisCaFile: REDIS_CA_FILE,
    secretsKey: BERTH_SECRETS_KEY,
    queue: BERTH_QUEUE,
    log,
  });
  const running: Running[] = [];
  try {
    await checkSecretsKey(context.db, context.vault, log);
    const address = config.process.METRICS_ADDRESS;
    if (address) running.push(await serveMetrics({ ...context, address, log }));
    // Hosts register first, so that the first order's placement finds one.
    running.push(await startContainerWorker(config.containerWorker, context));
    running.push(await startTunnelWorker(config.tunnelWorker, context));
    running.push(await startHealthWorker(config.healthWorker, context));
    running.push(await startDomainWatcher(config.domainWatcher, context));
    running.push(await startNotifier(config.notifier, context));
    const api = await startApi(config.api, context);
    running.push(api);
    return { context, apiUrl: api.url, running, close: () => context.close() };
  } catch (error) {
    await Promise.all(running.map((one) => one.drain(0)));
    await context.close();
    throw error;
  }
}
