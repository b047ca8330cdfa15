import { Semaphore } from '@berth/shared/runtime/semaphore';

/** Making networks and starting containers is bound by the kernel's locks: more at once only take longer (measured: four). */
const AT_ONCE = 4;

/** Lets a few of those that ask at once go on, the others in the order of asking. */
export type InTurn = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Turns of one Engine; only for what ends soon. */
export function makeTurns(): InTurn {
  const turns = new Semaphore(AT_ONCE);
  return async (signal, work) => {
    await turns.acquire();
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      turns.release();
    }
  };
}
