import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';

interface Deps {
  /** what of Berth isn't well; throws when the database doesn't answer */
  findProblems(): Promise<readonly string[]>;
  /** calls whoever waits for the sign of life */
  call(signal: AbortSignal): Promise<void>;
  clock: Clock;
  log: Log;
  everyMs?: number;
}

const MINUTE_MS = 60_000;

/** Signs of life that are given. */
export interface Heartbeat {
  /** why the last one wasn't given, or wasn't taken; undefined when it was, or before the first */
  whySilent(): string | undefined;
  /** Waits for the call under way. */
  stop(): Promise<void>;
}

/**
 * Gives a sign of life each minute, while all is well. It is the silence that tells somebody outside: that Berth, its database or its
 * workers are gone can't be told by Berth itself.
 */
export function startHeartbeat({ findProblems, call, clock, log, everyMs = MINUTE_MS }: Deps): Heartbeat {
  const stopped = new AbortController();
  let said = '';
  let silent: string | undefined;

  async function beat(): Promise<void> {
    const problems = await findProblems();
    const now = problems.join('; ');
    if (now !== said) {
      if (problems.length > 0) log.error({ problems }, 'not all is well: no sign of life is given');
      else log.info('all is well again: signs of life are given');
    }
    said = now;
    silent = problems.length === 0 ? undefined : `none is given: ${now}`;
    if (problems.length === 0) await call(stopped.signal);
  }

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      await beat().catch((error: unknown) => {
        if (stopped.signal.aborted) return;
        silent = `it failed: ${messageOf(error)}`;
        log.warn({ err: messageOf(error) }, 'sign of life failed');
      });
      await clock.wait(everyMs, stopped.signal).catch(() => undefined);
    }
  }

  const running = live();
  return {
    whySilent: () => silent,
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
