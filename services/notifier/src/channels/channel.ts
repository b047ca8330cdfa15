import type { ClaimedDelivery } from '@berth/shared/store/deliveries';

/** What a place said to a message. */
export type Answer =
  | { kind: 'taken'; code: number | null }
  /** not now: it is tried again */
  | { kind: 'refused'; code: number | null; problem: string; retryAfterMs?: number | undefined }
  /** never: nothing is tried again */
  | { kind: 'rejected'; code: number | null; problem: string }
  /** nobody waits for it any more */
  | { kind: 'canceled'; code: number | null; problem: string };

/** A way by which something is told; one for each kind of the contract (registry.ts). */
export interface Channel {
  /** messages under way to one place at once */
  atOnce: number;
  /** the least time between two messages to one place, in milliseconds */
  gapMs: number;
  /** the waits before the second, third … try, in milliseconds; after the last one it is given up */
  retryMs: readonly number[];
  /** Sends one message. @throws what kept it from being answered; it's tried again then */
  send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<Answer>;
}
