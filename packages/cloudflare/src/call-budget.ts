import { BerthError } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { CallRate, CloudflareAccount } from '@berth/shared/store/cloudflare-accounts';

/** What a call is for: what a customer waits for, or what only keeps watch. */
export type CallKind = 'foreground' | 'background';

/** All processes' calls to one account. */
export interface CallBudget {
  /** Waits for a call to be free. @throws BerthError `cloudflare.rate-limited` when that takes longer than a reconcile should wait */
  take(kind: CallKind, signal: AbortSignal): Promise<void>;
  block(ms: number): Promise<void>;
}

/** Background calls leave this part of the burst to the others. */
const RESERVED = 0.4;

/** Longer waits are handed back to the loop, which looks again later. */
const PATIENCE_MS = 5000;

/** @param per5Minutes calls in any five minutes at most: two fifths at once, the rest by and by */
export function toCallRate(per5Minutes: number): CallRate {
  return { burst: 0.4 * per5Minutes, perSecond: (0.6 * per5Minutes) / 300 };
}

/** @param per5Minutes as in `toCallRate` */
export function makeCallBudget(account: CloudflareAccount, clock: Clock, per5Minutes: number): CallBudget {
  const rate = toCallRate(per5Minutes);
  return {
    async take(kind, signal) {
      const reserve = kind === 'background' ? RESERVED * rate.burst : 0;
      const deadlineMs = clock.monotonicMs() + PATIENCE_MS;
      for (;;) {
        const waitMs = await account.takeCall(rate, reserve);
        if (waitMs === undefined) return;
        if (clock.monotonicMs() + waitMs > deadlineMs) {
          throw new BerthError('cloudflare.rate-limited', 'the account’s calls are used up for the moment', {
            retryAfterMs: waitMs,
          });
        }
        await clock.wait(waitMs, signal);
      }
    },
    block: (ms) => account.block(ms),
  };
}
