import { hostname } from 'node:os';
import { type Database, openDatabase } from '../store/database.ts';
import { makeProtocol, type Protocol } from '../store/protocol.ts';
import { type Chance, systemChance } from './chance.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Hints, makeHints, noHints } from './hints.ts';
import type { Log } from './log.ts';
import { type Metrics, makeMetrics } from './metrics.ts';
import { openQueues, type Queues } from './queues.ts';
import type { Secret } from './secret.ts';
import { makeVault, type Vault } from './vault.ts';

/** What every service of a process stands on; opened once, shared by all of them where one process runs several. */
export interface Context {
  db: Database;
  protocol: Protocol;
  /** undefined where the queue is switched off: timers do all the work */
  queues: Queues | undefined;
  hints: Hints;
  vault: Vault;
  log: Log;
  clock: Clock;
  chance: Chance;
  metrics: Metrics;
  /** this process, in leases */
  owner: string;
  close(): Promise<void>;
}

export interface ContextOptions {
  databaseUrl: Secret;
  redisUrl?: Secret | undefined;
  redisCaFile?: string | undefined;
  secretsKey: Secret;
  log: Log;
  queue?: 'on' | 'off';
  queuePrefix?: string;
  maxConnections?: number;
  clock?: Clock;
  chance?: Chance;
}

/** Opens the database and the queues. The schema must have been migrated before. */
export async function openContext(options: ContextOptions): Promise<Context> {
  const { log, databaseUrl, redisUrl, redisCaFile, clock = systemClock, chance = systemChance } = options;
  const db = openDatabase({
    url: databaseUrl.reveal(),
    max: options.maxConnections ?? 16,
    onIdleError: (error) => log.warn({ err: error.message }, 'database connection lost'),
  });
  const prefix = options.queuePrefix;
  const queues =
    options.queue === 'off'
      ? undefined
      : await openQueues({ redisUrl, redisCaFile, databaseUrl, log, ...(prefix && { prefix }) });
  const hints = queues ? makeHints({ queues, log, now: () => clock.monotonicMs() }) : noHints;
  return {
    db,
    protocol: makeProtocol(db),
    queues,
    hints,
    vault: makeVault(options.secretsKey),
    log,
    clock,
    chance,
    metrics: makeMetrics(),
    owner: `${hostname()}/${process.pid}/${chance.newId().slice(0, 8)}`,
    async close() {
      await hints.flush();
      await queues?.close();
      await db.close();
    },
  };
}
