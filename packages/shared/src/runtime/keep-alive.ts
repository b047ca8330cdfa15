import type { Hint } from '../contracts/jobs.ts';
import { messageOf } from '../errors/berth-error.ts';
import type { Clock } from './clock.ts';
import type { Hints } from './hints.ts';
import type { Log } from './log.ts';

interface KeepAliveOptions {
  clock: Clock;
  log: Log;
  hints: Hints;
  /** Registers what is kept alive. @returns whom to hint @throws while it isn't able to work */
  register(signal: AbortSignal): Promise<Hint[]>;
  /** Renews its lease. @returns false when it must register again @throws while it isn't able to work */
  beat(signal: AbortSignal): Promise<boolean>;
}

const BEAT_MS = 10_000;
const RETRY_MS = 2000;

/** One half of a host, registered and giving signs of life for as long as it is able to work. */
export interface KeptAlive {
  /** resolves once it's registered for the first time */
  registered: Promise<void>;
  stop(): Promise<void>;
}

/** Registers and then renews the lease every ten seconds; who can't work falls silent, and gets no further sites. */
export function keepAlive({ clock, log, hints, register, beat }: KeepAliveOptions): KeptAlive {
  const stopped = new AbortController();
  let tellRegistered: () => void = () => undefined;
  const registered = new Promise<void>((resolve) => {
    tellRegistered = resolve;
  });

  /** Registering calls the sites that wait for a host, so one that was silent registers again. */
  async function untilRegistered(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        hints.send(await register(stopped.signal));
        tellRegistered();
        return;
      } catch (error) {
        if (stopped.signal.aborted) throw error;
        log[tries === 1 ? 'warn' : 'debug']({ err: messageOf(error) }, 'host cannot be registered, trying again');
        await clock.wait(RETRY_MS, stopped.signal);
      }
    }
  }

  /** Returns when it could give no sign of life, or has to register again. */
  async function beatOn(): Promise<void> {
    try {
      do await clock.wait(BEAT_MS, stopped.signal);
      while (await beat(stopped.signal));
      log.warn({}, 'host is unknown or was silent for too long, registering it again');
    } catch (error) {
      if (stopped.signal.aborted) throw error;
      log.warn({ err: messageOf(error) }, 'host gave no sign of life');
    }
  }

  async function live(): Promise<void> {
    for (;;) {
      await untilRegistered();
      await beatOn();
    }
  }

  const running = live().catch(() => undefined);
  return {
    registered,
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
