import type { Clock } from '@berth/shared/runtime/clock';
import type { Told } from '../judge/see-ended.ts';

export const NOTHING_TOLD: Told = { died: [], stopped: false, outOfMemory: false };

/** What Docker tells within a short time of several containers, looked at together. */
export interface Gathering {
  /** @param afterMs not before that */
  note(placementId: string, told: Told, afterMs?: number): void;
  stop(): Promise<void>;
}

interface GatherOptions {
  clock: Clock;
  gatherMs: number;
  /** one batch at a time */
  look(batch: ReadonlyMap<string, Told>): Promise<void>;
  onFailure(error: unknown): void;
}

export function gatherTold({ clock, gatherMs, look, onFailure }: GatherOptions): Gathering {
  const stopped = new AbortController();
  let told = new Map<string, Told>();
  let looking: Promise<void> = Promise.resolve();
  let gathering = false;
  const after = (ms: number, act: () => void) =>
    void clock
      .wait(ms, stopped.signal)
      .then(act)
      .catch(() => undefined);

  function add(placementId: string, more: Told): void {
    const known = told.get(placementId) ?? NOTHING_TOLD;
    told.set(placementId, {
      died: [...known.died, ...more.died],
      stopped: known.stopped || more.stopped,
      outOfMemory: known.outOfMemory || more.outOfMemory,
    });
    if (gathering) return;
    gathering = true;
    after(gatherMs, () => {
      gathering = false;
      const batch = told;
      told = new Map();
      looking = looking.then(() => look(batch)).catch(onFailure);
    });
  }

  return {
    note(placementId, more, afterMs = 0) {
      if (afterMs === 0) add(placementId, more);
      else after(afterMs, () => add(placementId, more));
    },
    async stop() {
      stopped.abort(new Error('the process stops'));
      await looking;
    },
  };
}
