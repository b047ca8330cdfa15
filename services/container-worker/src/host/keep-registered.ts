import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { beatHost, type HostRegistration, registerHost } from '@berth/shared/store/hosts';

interface Deps {
  db: Database;
  clock: Clock;
  log: Log;
  /** What the host says of itself. @throws while its Docker is away */
  describe(signal: AbortSignal): Promise<HostRegistration>;
}

const BEAT_MS = 10_000;
const RETRY_MS = 2000;

/** A host that is registered and gives signs of life for as long as its Docker answers. */
export interface RegisteredHost {
  /** resolves once it's registered for the first time */
  registered: Promise<void>;
  stop(): Promise<void>;
}

/** Registers the host and keeps it alive; while Docker is away the host falls silent, and takes no further sites. */
export function keepRegistered({ db, clock, log, describe }: Deps): RegisteredHost {
  const stopped = new AbortController();
  let tellRegistered: () => void = () => undefined;
  const registered = new Promise<void>((resolve) => {
    tellRegistered = resolve;
  });

  /** Registering wakes the sites that wait for a host, so one that was silent registers again. */
  async function register(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const host = await describe(stopped.signal);
        await registerHost(db, host);
        log.info({ memoryBytes: host.memoryBytes, cpus: host.cpus, versions: host.versions }, 'host registered');
        tellRegistered();
        return;
      } catch (error) {
        if (stopped.signal.aborted) throw error;
        log[tries === 1 ? 'warn' : 'debug']({ err: messageOf(error) }, 'host cannot be registered, trying again');
        await clock.wait(RETRY_MS, stopped.signal);
      }
    }
  }

  /** Returns when the host could give no sign of life, or nobody knows it any more. */
  async function beat(): Promise<void> {
    try {
      do await clock.wait(BEAT_MS, stopped.signal);
      while (await beatHost(db, (await describe(stopped.signal)).id));
      log.warn({}, 'host is unknown, registering it again');
    } catch (error) {
      if (stopped.signal.aborted) throw error;
      log.warn({ err: messageOf(error) }, 'host gave no sign of life');
    }
  }

  async function live(): Promise<void> {
    for (;;) {
      await register();
      await beat();
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
