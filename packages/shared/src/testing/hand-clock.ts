import type { Clock } from '../runtime/clock.ts';

/** A clock that stands still until a test moves it; waits end when the time that runs evenly has passed them. */
export interface HandClock extends Clock {
  /** Both kinds of time pass. */
  pass(ms: number): void;
  /** Only the wall clock moves, as it does when it's set, or when the machine slept. */
  jump(ms: number): void;
}

export function makeHandClock(): HandClock {
  let evenMs = 1000;
  let wallMs = 1_700_000_000_000;
  const waiting = new Set<{ atMs: number; end(): void }>();
  return {
    monotonicMs: () => evenMs,
    date: () => new Date(wallMs),
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        const one = { atMs: evenMs + ms, end: resolve };
        waiting.add(one);
        signal?.addEventListener('abort', () => {
          waiting.delete(one);
          reject(signal.reason);
        });
      }),
    pass(ms) {
      evenMs += ms;
      wallMs += ms;
      for (const one of waiting) {
        if (one.atMs > evenMs) continue;
        waiting.delete(one);
        one.end();
      }
    },
    jump(ms) {
      wallMs += ms;
    },
  };
}
