import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { SweepImages } from './sweep-images.ts';

const EVERY_MS = 10 * 60_000;

/** Sweeps the images of the host every ten minutes; what fails is tried again with the next. */
export function keepSwept({ sweep, clock, log }: { sweep: SweepImages; clock: Clock; log: Log }): {
  stop(): Promise<void>;
} {
  const stopped = new AbortController();
  const run = async (): Promise<void> => {
    for (;;) {
      await clock.wait(EVERY_MS, stopped.signal);
      await sweep(stopped.signal).catch((error: unknown) => {
        if (!stopped.signal.aborted) log.warn({ err: messageOf(error) }, 'images could not be swept');
      });
    }
  };
  const running = run().catch(() => undefined);
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
