import { messageOf } from '../errors/berth-error.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Semaphore } from './semaphore.ts';

interface TimerOptions {
  clock: Clock;
  log: Log;
  queues: readonly string[];
  nextDueMs(queue: string, horizonMs: number): Promise<number | undefined>;
  /** Begins to work on due rows of a queue, once there is a permit; resolves when they are claimed, and says whether more may be due. */
  takeDue(queue: string): Promise<{ more: boolean }>;
  permits: Pick<Semaphore, 'free'>;
}

/** The process's one timer: wakes at the earliest due row of its own queues, and at the latest after `HORIZON_MS`. */
export interface Timer {
  start(): void;
  stop(): void;
  /** A row of ours is due in `ms`: don't sleep beyond that. */
  expectIn(ms: number): void;
}

const HORIZON_MS = 5000;

/** Makes the timer; it sleeps until `start`. */
export function makeTimer({ clock, log, queues, nextDueMs, takeDue, permits }: TimerOptions): Timer {
  const stopped = new AbortController();
  let sleep = new AbortController();
  let wakeAtMs = 0;
  let running = false;
  let turn = 0;

  function wakeBy(atMs: number): void {
    if (atMs >= wakeAtMs) return;
    wakeAtMs = atMs;
    sleep.abort();
  }

  async function round(): Promise<number> {
    let nextMs = HORIZON_MS;
    // Each round begins with another queue, so that a long one doesn't starve the rest.
    turn += 1;
    for (const queue of [...queues.slice(turn % queues.length), ...queues.slice(0, turn % queues.length)]) {
      nextMs = Math.min(nextMs, await lookAt(queue));
    }
    return nextMs;
  }

  /** @returns when to look at the queue again */
  async function lookAt(queue: string): Promise<number> {
    // In a full process only a queue with due rows waits for a permit.
    if (permits.free === 0) {
      const dueMs = await nextDueMs(queue, HORIZON_MS);
      if (dueMs === undefined || dueMs > 0) return dueMs ?? HORIZON_MS;
    }
    const { more } = await takeDue(queue);
    return more ? 0 : ((await nextDueMs(queue, HORIZON_MS)) ?? HORIZON_MS);
  }

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      sleep = new AbortController();
      wakeAtMs = Number.POSITIVE_INFINITY;
      let nextMs = HORIZON_MS;
      try {
        nextMs = await round();
      } catch (error) {
        log.warn({ err: messageOf(error) }, 'due rows could not be read, trying again');
        nextMs = 1000;
      }
      await sleepUntil(clock.monotonicMs() + Math.max(1, nextMs));
    }
  }

  async function sleepUntil(atMs: number): Promise<void> {
    wakeAtMs = Math.min(wakeAtMs, atMs);
    while (!stopped.signal.aborted) {
      const leftMs = wakeAtMs - clock.monotonicMs();
      if (leftMs <= 0) return;
      if (sleep.signal.aborted) sleep = new AbortController();
      await clock.wait(leftMs, AbortSignal.any([sleep.signal, stopped.signal])).catch(() => undefined);
    }
  }

  return {
    start() {
      if (running) return;
      running = true;
      void live();
    },
    stop: () => stopped.abort(),
    expectIn: (ms) => wakeBy(clock.monotonicMs() + ms),
  };
}
