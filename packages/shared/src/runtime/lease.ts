import { BerthError } from '../errors/berth-error.ts';
import type { Claimed, Fence, Protocol } from '../store/protocol.ts';
import { type Clock, elapsedMs, type Moment, momentOf } from './clock.ts';

/** The right to work on one condition, for as long as it's renewed. */
export interface Lease {
  /**
   * Call before each outside effect. Past a third of the lease it is renewed in the database, which also tells whether it is
   * still ours.
   * @throws BerthError `lease.lost` when somebody else may have taken over, and what the database says when it can't tell; then do
   * nothing more
   */
  assert(): Promise<void>;
  /** for what is written beside the finding: `assert` may look at the clock alone, a statement sees who holds the row */
  readonly fence: Fence;
  /** aborted when the lease is lost or the process must stop */
  readonly signal: AbortSignal;
}

/** A lease with the loop's side: renewing while work goes on, and ending. */
export interface HeldLease extends Lease {
  /** whether `assert` let at least one effect happen */
  readonly touched: boolean;
  /** The process stops: whoever works on it must end, and it's renewed no more, so that others can take over. */
  abort(): void;
  end(): void;
}

interface LeaseOptions {
  protocol: Pick<Protocol, 'renew'>;
  clock: Clock;
  owner: string;
  leaseMs: number;
  /** from before the claim was sent: the deadline counts from there, so it is never too late */
  claimedFrom: Moment;
}

/** Holds the lease of a claimed condition, renewing it every third of its length until `end`. */
export function holdLease(claimed: Claimed, { protocol, clock, owner, leaseMs, claimedFrom }: LeaseOptions): HeldLease {
  const controller = new AbortController();
  const ended = new AbortController();
  let renewed = claimedFrom;
  let touched = false;

  const lose = (why = 'is lost'): BerthError => {
    const error = new BerthError('lease.lost', `the lease on ${claimed.aspect} of site ${claimed.siteId} ${why}`);
    controller.abort(error);
    ended.abort();
    return error;
  };
  const renew = async (): Promise<void> => {
    const from = momentOf(clock);
    if (!(await protocol.renew(claimed, owner, leaseMs))) throw lose();
    renewed = from;
  };
  /** Until an answer, or until one would come too late; it has time to come also after a clock was set forward. */
  const renewInTime = async (): Promise<void> => {
    const answered = new AbortController();
    const leftMs = Math.max(leaseMs / 3, leaseMs - elapsedMs(clock, renewed));
    const late = clock.wait(leftMs, answered.signal).catch(() => undefined);
    try {
      await Promise.race([renew(), late]);
    } finally {
      answered.abort();
    }
  };

  const keep = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await clock.wait(leaseMs / 3, ended.signal);
      // An unanswered renewal isn't yet a loss: the deadline below is the judge.
      await renew().catch(() => undefined);
    }
  };
  keep().catch(() => undefined);

  return {
    fence: { conditionId: claimed.id, leaseNo: claimed.leaseNo },
    signal: controller.signal,
    get touched() {
      return touched;
    },
    async assert() {
      if (controller.signal.aborted) throw controller.signal.reason;
      if (elapsedMs(clock, renewed) > leaseMs / 3) await renewInTime();
      if (elapsedMs(clock, renewed) >= leaseMs) throw lose();
      touched = true;
    },
    abort: () => {
      lose('is given back: the process stops');
    },
    end: () => ended.abort(),
  };
}
