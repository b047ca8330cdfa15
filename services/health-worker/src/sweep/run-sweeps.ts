import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Metrics } from '@berth/shared/runtime/metrics';
import type { SweepLease, Sweeps } from '@berth/shared/store/health-sweeps';
import type { Swept } from './host-sweep.ts';

export interface RunSweepsOptions {
  sweeps: Sweeps;
  /** in logs and metrics */
  name: string;
  sweep(signal: AbortSignal): Promise<Swept>;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'sweeps' | 'sweepLag'>;
  /** this process, in the lease */
  owner: string;
}

/** Sweeps whenever one is due, in one process of all. */
export interface RunningSweeps {
  /** Looks now whether one is due: what a hint does, which may as well be lost. Resolves once it's done. */
  lookNow(): Promise<void>;
  /** Waits for the sweep under way, and lets the others know when it can't be waited for. */
  stop(): Promise<void>;
}

const LEASE_MS = 30_000;
/** A sweep waits for nothing that has no limit of its own; should one hang all the same, the next one comes. */
const LONGEST_MS = 120_000;
/** A row that others may change is read again after that. */
const LOOK_AGAIN_MS = 5000;
const FAILED_MS = 1000;

/** Runs sweeps by a timer of its own; the lease and the time that one is due are the database's. */
export function runSweeps({ sweeps, name, sweep, clock, log, metrics, owner }: RunSweepsOptions): RunningSweeps {
  const stopped = new AbortController();
  let round: Promise<void> | undefined;

  async function attempt(): Promise<void> {
    const lease = await sweeps.claim(owner, LEASE_MS);
    if (!lease) return;
    metrics.sweepLag.set({ sweep: name }, lease.lagMs / 1000);
    const fromMs = clock.monotonicMs();
    const end = metrics.sweeps.startTimer({ sweep: name });
    const held = holdSweep(lease);
    let swept: Swept = { checked: 0, failing: 0 };
    let error: string | null = null;
    try {
      swept = await Promise.race([sweep(held.signal), untilAborted(held.signal)]);
    } catch (failure) {
      error = messageOf(failure);
      if (!stopped.signal.aborted) log.warn({ sweep: name, err: failure }, 'sweep failed, trying again');
    } finally {
      held.end();
    }
    const durationMs = clock.monotonicMs() - fromMs;
    end({ result: error === null ? 'done' : 'failed' });
    log[swept.failing > 0 ? 'info' : 'debug'](
      { sweep: name, ...swept, durationMs: Math.round(durationMs), lagMs: lease.lagMs },
      'swept',
    );
    await sweeps.finish(lease, { ...swept, durationMs, error });
  }

  /** Renews the lease while the sweep goes on; who has lost it stops. */
  function holdSweep(lease: SweepLease): { signal: AbortSignal; end(): void } {
    const ended = new AbortController();
    const lost = new AbortController();
    const begunMs = clock.monotonicMs();
    let untilMs = begunMs + LEASE_MS;
    const renew = async () => {
      const fromMs = clock.monotonicMs();
      // The database may be away for a moment: until it's over, the lease is ours.
      const ours = await sweeps.renew(lease, LEASE_MS).catch(() => undefined);
      if (ours) untilMs = fromMs + LEASE_MS;
      if (ours === false || clock.monotonicMs() >= untilMs) lost.abort(new Error('another process sweeps'));
    };
    const keep = async () => {
      while (!ended.signal.aborted && !lost.signal.aborted) {
        await clock.wait(LEASE_MS / 3, ended.signal);
        await renew();
        if (clock.monotonicMs() - begunMs >= LONGEST_MS)
          lost.abort(new Error(`it was not done after ${LONGEST_MS / 1000} s`));
      }
    };
    keep().catch(() => undefined);
    return { signal: AbortSignal.any([stopped.signal, lost.signal]), end: () => ended.abort() };
  }

  function lookNow(): Promise<void> {
    if (stopped.signal.aborted) return Promise.resolve();
    round ??= attempt().finally(() => {
      round = undefined;
    });
    return round;
  }

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      let nextMs = FAILED_MS;
      try {
        const dueMs = await sweeps.untilDueMs();
        if (dueMs !== undefined && dueMs <= 0) await lookNow();
        else nextMs = Math.min(dueMs ?? LOOK_AGAIN_MS, LOOK_AGAIN_MS);
      } catch (error) {
        if (!stopped.signal.aborted)
          log.warn({ sweep: name, err: messageOf(error) }, 'sweeps cannot be read, trying again');
      }
      await clock.wait(Math.max(nextMs, 10), stopped.signal).catch(() => undefined);
    }
  }

  const running = live();
  return {
    lookNow,
    async stop() {
      stopped.abort(new Error('the process stops'));
      await running;
      await round?.catch(() => undefined);
    },
  };
}

/** What doesn't listen to its signal isn't waited for. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
