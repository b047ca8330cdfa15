/** What one half of a host was last known to be. */
export interface HostHalfSeen {
  /** ISO 8601; null when it has never reported */
  seenAt: string | null;
  alive: boolean;
}

/** What decides on a host's state. */
export interface HostSeen {
  draining: boolean;
  containers: HostHalfSeen;
  connectors: HostHalfSeen;
}

/** What decides on whether anybody looks after its sites. */
export interface HostWatched {
  health: HostHalfSeen;
}

/** A host's state in one word, and what to do about it. */
export type HostState =
  | { state: 'ready' | 'draining'; reason: null; message: string }
  /** `WorkerMissing`: it has not been whole yet; `LeaseExpired`: it was, and fell silent */
  | { state: 'down'; reason: 'WorkerMissing' | 'LeaseExpired'; message: string };

const WORKERS = { containers: 'container-worker', connectors: 'tunnel-worker' } as const;

/** Tells how a host stands. One that gives no sign of life is down, whatever is wanted of it. */
export function stateOfHost(host: HostSeen): HostState {
  const halves = ['containers', 'connectors'] as const;
  const missing = halves.filter((half) => host[half].seenAt === null).map((half) => WORKERS[half]);
  if (missing.length > 0) {
    const which = missing.join(' and its ');
    return { state: 'down', reason: 'WorkerMissing', message: `its ${which} never reported; start it on this host` };
  }
  const silent = halves.filter((half) => !host[half].alive);
  if (silent.length > 0) {
    const which = silent.map((half) => `its ${WORKERS[half]} since ${host[half].seenAt}`).join(', ');
    return {
      state: 'down',
      reason: 'LeaseExpired',
      message: `no sign of life of ${which}; start the host, its Docker, its systemd or its workers`,
    };
  }
  if (host.draining) return { state: 'draining', reason: null, message: 'gets no further sites; those on it stay' };
  return { state: 'ready', reason: null, message: 'takes further sites' };
}

/**
 * Tells that nobody looks after a host's sites; undefined while somebody does. The host takes sites all the same: going live and serving
 * take no health-worker, only repair and word of what fails do.
 */
export function whyUnwatched({ health }: HostWatched): string | undefined {
  if (health.alive) return undefined;
  const since =
    health.seenAt === null
      ? 'its health-worker never reported'
      : `no sign of life of its health-worker since ${health.seenAt}`;
  return `${since}: nobody notices what fails on it, and nothing is restarted; start the health-worker on this host`;
}
