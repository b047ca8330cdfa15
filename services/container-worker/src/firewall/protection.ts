import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { HostFirewall } from './firewall.ts';

interface Deps {
  firewall: Pick<HostFirewall, 'ensure'>;
  clock: Clock;
  log: Log;
}

/** For as long as this it's known that the firewall stands; a daemon's restart or `iptables -F` can take it away at any time. */
const KNOWN_MS = 15_000;

/** What knows whether this host is protected from its containers. */
export interface Protection {
  /** Looks now, and installs what is missing. @returns what is in the way, as a sentence; undefined when it's protected */
  check(signal: AbortSignal): Promise<string | undefined>;
  /** Before a container gets a network or runs. @throws BerthError `host.unprotected` */
  assert(signal: AbortSignal): Promise<void>;
}

/** Keeps the firewall standing: whoever checks repairs it. Those who ask at the same time share one look. */
export function makeProtection({ firewall, clock, log }: Deps): Protection {
  let stoodAtMs: number | undefined;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    stoodAtMs = undefined;
    const repaired = await firewall.ensure();
    if (repaired) log.info({}, 'the firewall of the containers was put in place');
    stoodAtMs = clock.monotonicMs();
  }

  const shared = (signal: AbortSignal): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return orAborted(looking, signal);
  };

  return {
    async check(signal) {
      try {
        await shared(signal);
        return undefined;
      } catch (error) {
        if (isBerthError(error, 'host.unprotected')) return error.message;
        throw error;
      }
    },
    async assert(signal) {
      if (stoodAtMs === undefined || clock.monotonicMs() - stoodAtMs > KNOWN_MS) await shared(signal);
    },
  };
}

/** What others wait for too is not ended with one of them. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
