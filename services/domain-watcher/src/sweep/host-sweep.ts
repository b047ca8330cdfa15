import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { watchHosts } from '@berth/shared/store/watch-hosts';

export interface HostSweepDeps {
  db: Database;
  hints: Hints;
  log: Log;
  clock: Clock;
  /** how long a host must have been down before its sites that aren't live yet are placed anew */
  downSeconds: number;
}

const EVERY_MS = 5000;

/** Looks once at all hosts, unless another process is at it, and tells what changed. */
export async function sweepHosts({ db, hints, log, downSeconds }: HostSweepDeps): Promise<void> {
  const watched = await watchHosts(db, downSeconds);
  if (!watched) return;
  hints.send(watched.hints);
  for (const { hostId, message } of watched.down) log.error({ hostId, why: message }, 'host is down');
  for (const hostId of watched.back) log.info({ hostId }, 'host is back');
}

/** Looks at the hosts every five seconds, in one process of all at a time. @returns stops it and waits for the look under way */
export function startHostSweep(deps: HostSweepDeps): () => Promise<void> {
  const { clock, log } = deps;
  const stopped = new AbortController();

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      await sweepHosts(deps).catch((error: unknown) => {
        log.warn({ err: messageOf(error) }, 'hosts could not be looked at, trying again');
      });
      await clock.wait(EVERY_MS, stopped.signal).catch(() => undefined);
    }
  }

  const running = live();
  return async () => {
    stopped.abort();
    await running;
  };
}
