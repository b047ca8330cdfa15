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

/** A point in time by both of a machine's clocks. */
export interface Moment {
  evenMs: number;
  wallMs: number;
}

export function momentOf(clock: Clock): Moment {
  return { evenMs: clock.monotonicMs(), wallMs: clock.date().getTime() };
}

/**
 * Milliseconds that may have passed, the larger of what both clocks say: the even one stands still while the machine sleeps, the
 * other one can be set back.
 */
export function elapsedMs(clock: Clock, since: Moment): number {
  return Math.max(clock.monotonicMs() - since.evenMs, clock.date().getTime() - since.wallMs);
}

/** The machine's clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  date: () => new Date(),
  wait: (ms, signal) => delay(Math.max(0, ms), undefined, signal ? { signal } : undefined),
};
