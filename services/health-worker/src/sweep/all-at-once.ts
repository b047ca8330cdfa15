import type { Clock } from '@berth/shared/runtime/clock';
import { Semaphore } from '@berth/shared/runtime/semaphore';

interface Bounds {
  clock: Clock;
  /** at once, of those that are quick */
  atOnce: number;
  /** who takes longer only waits, which costs next to nothing, and gives its place to another */
  givesWayAfterMs: number;
}

/** Does `work` in one of so many places that a few that hang, or all of them, don't keep the others waiting. */
export function makePlaces({ clock, atOnce, givesWayAfterMs }: Bounds): <R>(work: () => Promise<R>) => Promise<R> {
  const places = new Semaphore(atOnce);
  return async function inPlace(work) {
    await places.acquire();
    let held = true;
    const giveWay = () => {
      if (held) places.release();
      held = false;
    };
    void clock.wait(givesWayAfterMs).then(giveWay);
    try {
      return await work();
    } finally {
      giveWay();
    }
  };
}

/** Does `work` for each of `list`, in places of their own. */
export async function allAtOnce<T, R>(list: readonly T[], bounds: Bounds, work: (one: T) => Promise<R>): Promise<R[]> {
  const inPlace = makePlaces(bounds);
  return Promise.all(list.map((one) => inPlace(() => work(one))));
}
