import { ConfigError, type Environment } from './config.ts';
import { EXIT_CONFIG, exitStatusOf } from './exit-status.ts';
import type { Log } from './log.ts';
import { startTracing } from './tracing.ts';
import type { Running } from './worker.ts';

/** What is under way may be finished within this time of SIGTERM; handing back the rest and closing takes a few seconds more. */
const DRAIN_MS = 18_000;
const KILL_MS = 25_000;

/** What `main.ts` of a service (or of several in one process) provides. */
export interface ServiceProcess<Config> {
  /** what it is called in traces */
  name: string;
  /** @throws ConfigError */
  configure(environment: Environment): Config;
  makeLog(config: Config): Log;
  /** Opens what the services stand on and starts them; `close` comes after they are drained. */
  start(config: Config, log: Log): Promise<{ running: readonly Running[]; close(): Promise<void> }>;
}

/**
 * Runs a process until SIGTERM or SIGINT: exit status 0 when everything was finished or handed back, 78 when it can't start before
 * somebody changes something, 69 when the database is away, 1 when it couldn't start for another reason.
 */
export async function runService<Config>(environment: Environment, service: ServiceProcess<Config>): Promise<void> {
  let config: Config;
  try {
    config = service.configure(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
  const log = service.makeLog(config);
  try {
    const stopTracing = await startTracing(service.name, environment);
    const { running, close } = await service.start(config, log);
    stopOnSignal(log, running, async () => {
      await close();
      await stopTracing();
    });
    log.info({ pid: process.pid }, 'started');
  } catch (error) {
    const known = exitStatusOf(error);
    if (known) process.stderr.write(`${service.name} does not start: ${known.error.message}\n`);
    log.fatal(known ? { code: known.error.code, reason: known.error.message } : { err: error }, 'could not start');
    const status = known?.status ?? 1;
    process.exitCode = status;
    setTimeout(() => process.exit(status), 500).unref();
  }
}

function stopOnSignal(log: Log, running: readonly Running[], close: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), KILL_MS).unref();
    Promise.all(running.map((one) => one.drain(DRAIN_MS)))
      .then(close)
      .then(() => {
        log.info('stopped');
        process.exit(0);
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      });
  };
  // Not `once`: a library that ends the processes it began at a signal ends this one, too, where it finds nobody else listening any more.
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
