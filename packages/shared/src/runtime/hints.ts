import type { Hint } from '../contracts/jobs.ts';
import { messageOf } from '../errors/berth-error.ts';
import type { Log } from './log.ts';
import type { Queues } from './queues.ts';

/** Sends hints to whom rows belong. A hint may be lost: the timer of the row's own worker finds the row by itself. */
export interface Hints {
  /** Call after the commit. Returns at once and never throws. */
  send(hints: readonly Hint[]): void;
  /** Waits until what was sent is with the queue, or failed. */
  flush(): Promise<void>;
}

const SILENCE_MS = 60_000;

interface HintsOptions {
  queues: Pick<Queues, 'hint'>;
  log: Log;
  /** milliseconds of an even clock */
  now: () => number;
}

/** Hints over the queues; those sent in one turn of the event loop go to each queue in one call. */
export function makeHints({ queues, log, now }: HintsOptions): Hints {
  let waiting = new Map<string, Set<string>>();
  const sending = new Set<Promise<void>>();
  let scheduled = false;
  let saidAt = Number.NEGATIVE_INFINITY;

  function go(): void {
    scheduled = false;
    const batch = waiting;
    waiting = new Map();
    for (const [queue, ids] of batch) {
      const sent = queues.hint(queue, [...ids]).catch((error: unknown) => {
        if (now() - saidAt < SILENCE_MS) return;
        saidAt = now();
        log.warn({ queue, err: messageOf(error) }, 'hints could not be sent; timers take over');
      });
      sending.add(sent);
      void sent.finally(() => sending.delete(sent));
    }
  }

  return {
    send(hints) {
      for (const { queue, conditionId } of hints) {
        const ids = waiting.get(queue) ?? new Set();
        waiting.set(queue, ids.add(conditionId));
      }
      if (scheduled || waiting.size === 0) return;
      scheduled = true;
      setImmediate(go);
    },
    async flush() {
      if (scheduled) await new Promise(setImmediate);
      await Promise.all(sending);
    },
  };
}

/** No queue at all: every row is found by its worker's timer. */
export const noHints: Hints = { send: () => undefined, flush: async () => undefined };
