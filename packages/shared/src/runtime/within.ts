import { setMaxListeners } from 'node:events';
import { openDeadline } from '@berth/contract/call-deadline';

/** A signal that aborts when the given one does, and after `ms` at the latest; its reason is then a `TimeoutError`. */
export function within(signal: AbortSignal | undefined, ms: number): AbortSignal {
  return open(signal, ms).signal;
}

/**
 * Does `work` with a signal as that of `within`, and lets go of it when the work is done: of many short works each would otherwise keep
 * its own until its time is over.
 */
export async function doneWithin<T>(
  signal: AbortSignal | undefined,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = open(signal, ms);
  try {
    return await work(deadline.signal);
  } finally {
    deadline.letGo();
  }
}

function open(signal: AbortSignal | undefined, ms: number): ReturnType<typeof openDeadline> {
  // Many wait for one that ends all of them, and Node would warn of it.
  if (signal) setMaxListeners(0, signal);
  return openDeadline(signal, ms);
}
