import { isBerthError, messageOf } from '@berth/shared/errors/berth-error';
import type { Metrics } from '@berth/shared/runtime/metrics';
import type { Queues } from '@berth/shared/runtime/queues';
import { LEASE_MS, LeaseLost, readAllTraffic, type TrafficDeps } from './read-traffic.ts';

export interface KeepReading extends TrafficDeps {
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
  const { readings, owner, everyMs, log, metrics } = deps;
  if (!(await readings.claim(owner, LEASE_MS))) return;
  const end = metrics.sweeps.startTimer({ sweep: 'traffic' });
  try {
    const zones = await readAllTraffic(deps, signal);
    await readings.finish(owner, { nextMs: everyMs, zones, problem: null });
    end({ result: 'done' });
    log.debug({ zones }, 'traffic read');
  } catch (error) {
    end({ result: error instanceof LeaseLost ? 'lost' : 'failed' });
    if (error instanceof LeaseLost) return;
    const nextMs = signal.aborted ? 0 : Math.min(everyMs, retryAfterMs(error));
    await readings.finish(owner, { nextMs, zones: 0, problem: signal.aborted ? null : messageOf(error) });
    if (!signal.aborted) log.warn({ err: messageOf(error) }, 'traffic could not be read, trying again');
  }
}

function retryAfterMs(error: unknown): number {
  return (isBerthError(error) && error.retryAfterMs) || AFTER_FAILURE_MS;
}

/**
 * Reads traffic whenever it is due, in one process of all: a scheduler of the queue hints at it, and a look at the row now and then does
 * without. @returns stops it and waits for the reading under way
 */
export async function keepReading(deps: KeepReading): Promise<() => Promise<void>> {
  const { queues, accountId, everyMs, ready, readings, clock, log } = deps;
  const stopped = new AbortController();
  let wake: (() => void) | undefined;
  const queue = `traffic-${accountId}`;
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
        if (!stopped.signal.aborted) log.debug({ err: messageOf(error) }, 'traffic could not be looked after');
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
