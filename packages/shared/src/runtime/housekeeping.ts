import { messageOf } from '../errors/berth-error.ts';
import type { Database } from '../store/database.ts';
import { pruneBatch } from '../store/retention.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

interface HousekeepingOptions {
  db: Database;
  clock: Clock;
  log: Log;
  /** between two rounds */
  everyMs?: number;
  /** between two batches of a round, for others to get their turn */
  pauseMs?: number;
}

const HOUR_MS = 3_600_000;
const PAUSE_MS = 100;

/**
 * Keeps what grows with time bounded, in small batches, at once and every hour. Any number of processes may start it: one works at a
 * time.
 * @returns stops it and waits for the batch under way
 */
export function startHousekeeping(options: HousekeepingOptions): () => Promise<void> {
  const { db, clock, log, everyMs = HOUR_MS, pauseMs = PAUSE_MS } = options;
  const stopped = new AbortController();
  const wait = (ms: number) => clock.wait(ms, stopped.signal).catch(() => undefined);

  async function round(): Promise<void> {
    const sum = { idempotencyKeys: 0, deliveries: 0, incidents: 0, signIn: 0, events: 0 };
    while (!stopped.signal.aborted) {
      const pruned = await pruneBatch(db);
      sum.idempotencyKeys += pruned?.idempotencyKeys ?? 0;
      sum.deliveries += pruned?.deliveries ?? 0;
      sum.incidents += pruned?.incidents ?? 0;
      sum.signIn += pruned?.signIn ?? 0;
      sum.events += pruned?.events ?? 0;
      if (!pruned?.more) break;
      await wait(pauseMs);
    }
    if (Object.values(sum).some((count) => count > 0)) log.info(sum, 'kept long enough, deleted');
  }

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => {
        log.warn({ err: messageOf(error) }, 'housekeeping failed, trying again later');
      });
      await wait(everyMs);
    }
  }

  const running = live();
  return async () => {
    stopped.abort();
    await running;
  };
}
