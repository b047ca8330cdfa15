import type { Clock } from '@berth/shared/runtime/clock';
import { Semaphore } from '@berth/shared/runtime/semaphore';

interface Bounds {
  clock: Clock;
  /** at once, of those that are quick */
  atOnce: number;
  /** who takes longer only waits, which costs next to nothing, and gives its place to another */
  givesWayAfterMs: number;
}

/** Does `work` for each of `list`, so many at once that a few that hang, or all of them, don't keep the others waiting. */
export async function allAtOnce<T, R>(
  list: readonly T[],
  { clock, atOnce, givesWayAfterMs }: Bounds,
  work: (one: T) => Promise<R>,
): Promise<R[]> {
  const places = new Semaphore(atOnce);
  return Promise.all(
    list.map(async (one) => {
      await places.acquire();
      const done = new AbortController();
      void clock
        .wait(givesWayAfterMs, done.signal)
        .catch(() => undefined)
        .then(() => places.release());
      try {
        return await work(one);
      } finally {
        done.abort();
      }
    }),
  );
}
