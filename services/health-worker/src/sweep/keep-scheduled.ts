import { healthQueueOf } from '@berth/shared/domain/health';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Queues } from '@berth/shared/runtime/queues';
import type { Sweeps } from '@berth/shared/store/health-sweeps';
import type { RunningSweeps } from './run-sweeps.ts';

interface Options {
  queues: Queues;
  hostId: string;
  intervalMs: number;
  sweeps: Pick<Sweeps, 'untilDueMs'>;
  host: Pick<RunningSweeps, 'lookNow'>;
  clock: Clock;
  log: Log;
}

/** Arranged anew at least that often, in case it was lost: with everything else in the queue, or by hand. */
const LOOK_MS = 30_000;

/**
 * Keeps the queue's scheduler hinting at this host's sweeps, and takes its hints. With no queue, or one that is away, sweeps come all
 * the same: their own timer has them.
 * @returns ends it
 */
export async function keepScheduled(options: Options): Promise<() => Promise<void>> {
  const { queues, hostId, intervalMs, sweeps, host, clock, log } = options;
  const queue = healthQueueOf(hostId);
  const stopped = new AbortController();
  const stopServing = await queues.serveSweeps(queue, () => host.lookNow());

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        const dueMs = (await sweeps.untilDueMs()) ?? intervalMs;
        const startMs = clock.date().getTime() + Math.max(0, dueMs);
        await queues.scheduleSweeps(queue, { hostId, everyMs: intervalMs, startMs: Math.round(startMs) });
      } catch (error) {
        if (!stopped.signal.aborted)
          log.debug({ err: messageOf(error) }, 'sweeps could not be scheduled; the timer has them');
      }
      await clock.wait(Math.min(intervalMs, LOOK_MS), stopped.signal).catch(() => undefined);
    }
  }

  const running = live();
  return async () => {
    stopped.abort();
    // A queue that is away doesn't end its serving.
    void stopServing();
    await running;
  };
}
