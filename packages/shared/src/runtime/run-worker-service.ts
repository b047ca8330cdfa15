import { checkSecretsKey } from './check-secrets-key.ts';
import { systemClock } from './clock.ts';
import type { Environment } from './config.ts';
import { type Context, openContext } from './context.ts';
import { makeLog } from './log.ts';
import { migrateWhenReachable } from './migrate-when-reachable.ts';
import { runService } from './run-service.ts';
import type { Secret } from './secret.ts';
import { serveMetrics } from './serve-metrics.ts';
import type { Running } from './worker.ts';

interface ServiceConfig {
  DATABASE_URL: Secret;
  DATABASE_WAIT_SECONDS: number;
  REDIS_URL?: Secret | undefined;
  REDIS_CA_FILE?: string | undefined;
  BERTH_SECRETS_KEY: Secret;
  BERTH_QUEUE: 'on' | 'off';
  METRICS_ADDRESS?: { host: string; port: number } | undefined;
  LOG_LEVEL: string;
}

/** The process of one service: settings, log, migrations, context, and then the service itself. */
export async function runWorkerService<Config extends ServiceConfig>(
  name: string,
  environment: Environment,
  configure: (environment: Environment) => Config,
  start: (config: Config, context: Context) => Promise<Running>,
): Promise<void> {
  await runService(environment, {
    name,
    configure,
    makeLog: (config) => makeLog(name, config.LOG_LEVEL),
    async start(config, log) {
      const waitSeconds = config.DATABASE_WAIT_SECONDS;
      await migrateWhenReachable({ url: config.DATABASE_URL.reveal(), log, clock: systemClock, waitSeconds });
      const context = await openContext({
        databaseUrl: config.DATABASE_URL,
        redisUrl: config.REDIS_URL,
        redisCaFile: config.REDIS_CA_FILE,
        secretsKey: config.BERTH_SECRETS_KEY,
        queue: config.BERTH_QUEUE,
        log,
      });
      try {
        await checkSecretsKey(context.db, context.vault, log);
        const address = config.METRICS_ADDRESS;
        const metrics = address ? [await serveMetrics({ ...context, address, log })] : [];
        return { running: [...metrics, await start(config, context)], close: () => context.close() };
      } catch (error) {
        await context.close();
        throw error;
      }
    },
  });
}
