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

  async function register(): Promise<HostRegistration> {
    for (;;) {
      try {
        const host = await describe(stopped.signal);
        await registerHost(db, host);
        log.info({ hostId: host.id, memoryBytes: host.memoryBytes, cpus: host.cpus }, 'host registered');
        tellRegistered();
        return host;
      } catch (error) {
        if (stopped.signal.aborted) throw error;
        log.warn({ err: messageOf(error) }, 'host cannot be registered, trying again');
        await clock.wait(RETRY_MS, stopped.signal);
      }
    }
  }

  async function live(): Promise<void> {
    const { id } = await register();
    for (;;) {
      await clock.wait(BEAT_MS, stopped.signal);
      try {
        await describe(stopped.signal);
        await beatHost(db, id);
      } catch (error) {
        log.warn({ err: messageOf(error) }, 'host gave no sign of life, trying again');
      }
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
