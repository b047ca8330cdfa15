import { setMaxListeners } from 'node:events';
import { withDeadline } from '@berth/contract/call-deadline';

/** A signal that aborts when the given one does, and after `ms` at the latest; its reason is then a `TimeoutError`. */
export function within(signal: AbortSignal | undefined, ms: number): AbortSignal {
  // Many wait for one that ends all of them, and Node would warn of it.
  if (signal) setMaxListeners(0, signal);
  return withDeadline(signal, ms);
}
