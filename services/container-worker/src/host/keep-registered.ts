import type { Clock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import { type KeptAlive, keepAlive } from '@berth/shared/runtime/keep-alive';
import type { Log } from '@berth/shared/runtime/log';
import { wakeContainersOfHost } from '@berth/shared/store/containers';
import type { Database } from '@berth/shared/store/database';
import { beatHost, type HostRegistration, registerHost } from '@berth/shared/store/hosts';

interface Deps {
  db: Database;
  clock: Clock;
  log: Log;
  hints: Hints;
  /** What the host says of itself. @throws while its Docker is away */
  describe(signal: AbortSignal): Promise<HostRegistration>;
}

/** Registers the host and keeps its containers' half alive, for as long as its Docker answers. */
export function keepRegistered({ db, clock, log, hints, describe }: Deps): KeptAlive {
  return keepAlive({
    clock,
    log,
    hints,
    async register(signal) {
      const host = await describe(signal);
      const called = await registerHost(db, host, ['containers']);
      const { memoryBytes, memoryOvercommit, cpus, labels, versions, problem } = host;
      log.info({ memoryBytes, memoryOvercommit, cpus, labels, versions }, 'host registered');
      if (problem !== undefined) log.error({ problem }, 'host gets no sites until this is mended');
      // While it was away its Docker may have ended, and what was seen before doesn't hold any more.
      return [...called, ...(await wakeContainersOfHost(db, host.id))];
    },
    async beat(signal) {
      const { id, problem } = await describe(signal);
      return beatHost(db, id, 'containers', problem);
    },
  });
}
