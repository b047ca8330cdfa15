import { setTimeout as delay } from 'node:timers/promises';

/** Time inside of a process: waits, durations and log times. What is due is decided by Postgres's `now()` alone. */
export interface Clock {
  /** milliseconds from an arbitrary start, never jumping */
  monotonicMs(): number;
  /** wall-clock time, for logs and answers */
  date(): Date;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  date: () => new Date(),
  wait: (ms, signal) => delay(Math.max(0, ms), undefined, signal ? { signal } : undefined),
};
