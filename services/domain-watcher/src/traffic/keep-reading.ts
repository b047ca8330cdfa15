import { isBerthError, messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Metrics } from '@berth/shared/runtime/metrics';
import type { Queues } from '@berth/shared/runtime/queues';
import type { AccountRounds } from '@berth/shared/store/account-rounds';
import { LEASE_MS, LeaseLost } from './reading.ts';

export interface KeepReading {
  /** what is read: the sweep's name in the metrics, and the queue's */
  what: 'traffic' | 'requests' | 'logpush';
  /** @returns how many zones were read */
  read(signal: AbortSignal): Promise<number>;
  readings: AccountRounds;
  clock: Clock;
  log: Log;
  owner: string;
  queues: Queues | null | undefined;
  metrics: Pick<Metrics, 'sweeps'>;
  accountId: string;
  everyMs: number;
  /** there is somewhere to write to */
  ready: Promise<unknown>;
}

/** The row decides when to read; it's looked at so often in case that no hint came. */
const LOOK_MS = 30_000;
const AFTER_FAILURE_MS = 300_000;

/** Reads once if it's due and nobody else does. What fails is tried again after five minutes. */
export async function readWhenDue(deps: KeepReading, signal: AbortSignal): Promise<void> {
  const { what, readings, owner, everyMs, log, metrics } = deps;
  if (!(await readings.claim(owner, LEASE_MS))) return;
  const end = metrics.sweeps.startTimer({ sweep: what });
  try {
    const zones = await deps.read(signal);
    await readings.finish(owner, { nextMs: everyMs, zones, problem: null });
    end({ result: 'done' });
    log.debug({ what, zones }, 'read');
  } catch (error) {
    end({ result: error instanceof LeaseLost ? 'lost' : 'failed' });
    if (error instanceof LeaseLost) return;
    const nextMs = signal.aborted ? 0 : Math.min(everyMs, retryAfterMs(error));
    await readings.finish(owner, { nextMs, zones: 0, problem: signal.aborted ? null : messageOf(error) });
    if (!signal.aborted) log.warn({ what, err: messageOf(error) }, 'could not be read, trying again');
  }
}

function retryAfterMs(error: unknown): number {
  return (isBerthError(error) && error.retryAfterMs) || AFTER_FAILURE_MS;
}

/**
 * Reads whenever it is due, in one process of all: a scheduler of the queue hints at it, and a look at the row now and then does
 * without. @returns stops it and waits for the reading under way
 */
export async function keepReading(deps: KeepReading): Promise<() => Promise<void>> {
  const { what, queues, accountId, everyMs, ready, readings, clock, log } = deps;
  const stopped = new AbortController();
  let wake: (() => void) | undefined;
  const queue = `${what}-${accountId}`;
  const stopServing = await queues?.serveSweeps(queue, async () => wake?.());

  async function live(): Promise<void> {
    await ready;
    while (!stopped.signal.aborted) {
      let dueMs = LOOK_MS;
      try {
        dueMs = Math.max(0, await readings.untilDueMs());
        if (dueMs === 0) await readWhenDue(deps, stopped.signal);
        const startMs = Math.round(clock.date().getTime() + dueMs);
        await queues?.scheduleSweeps(queue, { hostId: accountId, everyMs, startMs });
      } catch (error) {
        if (!stopped.signal.aborted) log.debug({ what, err: messageOf(error) }, 'could not be looked after');
      }
      const hinted = new AbortController();
      wake = () => hinted.abort();
      const wait = Math.min(LOOK_MS, Math.max(dueMs, 1000));
      await clock.wait(wait, AbortSignal.any([stopped.signal, hinted.signal])).catch(() => undefined);
    }
  }

  const running = live();
  return async () => {
    stopped.abort();
    // A queue that is away doesn't end its serving.
    void stopServing?.();
    await running;
  };
}
