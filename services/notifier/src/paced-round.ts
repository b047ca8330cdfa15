import type { Clock } from '@berth/shared/runtime/clock';

/** Something that is looked at again and again, at its own pace. */
export interface PacedRound {
  /** Looks, if it's time to. @returns whether there is more to do at once */
  take(): Promise<{ more: boolean }>;
  /** milliseconds until it's time to look */
  nextMs(): number;
  /** It's time. */
  soon(): void;
}

/** @param work looks once; whether there is more to do at once */
export function makePacedRound(
  clock: Pick<Clock, 'monotonicMs'>,
  everyMs: number,
  work: () => Promise<boolean>,
): PacedRound {
  let atMs = Number.NEGATIVE_INFINITY;
  return {
    async take() {
      if (clock.monotonicMs() < atMs) return { more: false };
      atMs = clock.monotonicMs() + everyMs;
      const more = await work();
      if (more) atMs = Number.NEGATIVE_INFINITY;
      return { more };
    },
    nextMs: () => Math.max(0, atMs - clock.monotonicMs()),
    soon() {
      atMs = Number.NEGATIVE_INFINITY;
    },
  };
}
