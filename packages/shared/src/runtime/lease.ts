import { BerthError } from '../errors/berth-error.ts';
import type { Claimed, Protocol } from '../store/protocol.ts';
import type { Clock } from './clock.ts';

/** The right to work on one condition, for as long as it's renewed. */
export interface Lease {
  /**
   * Call before each outside effect. Past a third of the lease it is renewed in the database, which also tells whether it is
   * still ours.
   * @throws BerthError `lease.lost` when somebody else may have taken over; then do nothing more
   */
  assert(): Promise<void>;
  /** aborted when the lease is lost or the process must stop */
  readonly signal: AbortSignal;
}

/** A lease with the loop's side: renewing while work goes on, and ending. */
export interface HeldLease extends Lease {
  /** whether `assert` let at least one effect happen */
  readonly touched: boolean;
  abort(reason: BerthError): void;
  end(): void;
}

interface LeaseOptions {
  protocol: Protocol;
  clock: Clock;
  owner: string;
  leaseMs: number;
  /** `clock.monotonicMs()` from before the claim was sent: the deadline counts from there, so it is never too late */
  claimedFromMs: number;
}

/** Holds the lease of a claimed condition, renewing it every third of its length until `end`. */
export function holdLease(
  claimed: Claimed,
  { protocol, clock, owner, leaseMs, claimedFromMs }: LeaseOptions,
): HeldLease {
  const controller = new AbortController();
  let renewedMs = claimedFromMs;
  let touched = false;

  const lose = (): BerthError => {
    const error = new BerthError('lease.lost', `the lease on ${claimed.aspect} of site ${claimed.siteId} is lost`);
    controller.abort(error);
    return error;
  };
  const renew = async (): Promise<void> => {
    const fromMs = clock.monotonicMs();
    if (!(await protocol.renew(claimed, owner, leaseMs))) throw lose();
    renewedMs = fromMs;
  };

  const ended = new AbortController();
  const keep = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await clock.wait(leaseMs / 3, ended.signal);
      // An unanswered renewal isn't yet a loss: the deadline below is the judge.
      await renew().catch(() => undefined);
    }
  };
  keep().catch(() => undefined);

  return {
    signal: controller.signal,
    get touched() {
      return touched;
    },
    async assert() {
      if (controller.signal.aborted) throw controller.signal.reason;
      const age = clock.monotonicMs() - renewedMs;
      if (age > leaseMs / 3) await renew();
      if (clock.monotonicMs() - renewedMs >= leaseMs) throw lose();
      touched = true;
    },
    abort: (reason) => controller.abort(reason),
    end: () => ended.abort(),
  };
}
