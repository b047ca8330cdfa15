import { messageOf } from '../errors/berth-error.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

interface Options {
  /** Makes those of today and of the days ahead. */
  ensure(): Promise<void>;
  /** Drops those that were kept long enough. @returns their names */
  drop(): Promise<string[]>;
  clock: Clock;
  log: Log;
}

const HOUR_MS = 3_600_000;
const RETRY_MS = 2000;

/** Keeps a table's partitions ahead, and drops old ones: at once, and every hour. `ready` comes with the first ones, or with the end. */
export function keepPartitions({ ensure, drop, clock, log }: Options): { ready: Promise<void>; stop(): Promise<void> } {
  const stopped = new AbortController();
  const wait = (ms: number) => clock.wait(ms, stopped.signal).catch(() => undefined);
  let tellReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await ensure();
        tellReady();
        const dropped = await drop();
        if (dropped.length > 0) log.info({ partitions: dropped }, 'kept long enough, dropped');
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
