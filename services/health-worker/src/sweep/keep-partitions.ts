import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { dropOldHealth, ensureHealthPartitions } from '@berth/shared/store/health-partitions';

interface Options {
  db: Database;
  clock: Clock;
  log: Log;
  retentionDays: number;
}

const HOUR_MS = 3_600_000;
const RETRY_MS = 2000;

/** Keeps partitions ahead, and drops the days that were kept long enough: at once, and every hour. */
export function keepPartitions({ db, clock, log, retentionDays }: Options): {
  ready: Promise<void>;
  stop(): Promise<void>;
} {
  const stopped = new AbortController();
  const wait = (ms: number) => clock.wait(ms, stopped.signal).catch(() => undefined);
  let tellReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await ensureHealthPartitions(db);
        tellReady();
        const dropped = await dropOldHealth(db, retentionDays);
        if (dropped.length > 0) log.info({ partitions: dropped }, 'checks kept long enough, dropped');
        await wait(HOUR_MS);
      } catch (error) {
        log.warn({ err: messageOf(error) }, 'partitions could not be kept, trying again');
        await wait(RETRY_MS);
      }
    }
    tellReady();
  }

  const running = live();
  return {
    ready,
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
