import type { Clock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import { type KeptAlive, keepAlive } from '@berth/shared/runtime/keep-alive';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { beatHost, registerHealth } from '@berth/shared/store/hosts';

interface Deps {
  db: Database;
  clock: Clock;
  log: Log;
  hostId: string;
}

/**
 * Says that the host's sites are looked after, for as long as this process lives. That its Docker or its systemd is away is what it looks
 * for, and is told by the workers of either.
 */
export function keepRegistered({ db, clock, log, hostId }: Deps): KeptAlive {
  return keepAlive({
    clock,
    log,
    hints: noHints,
    async register() {
      await registerHealth(db, hostId);
      log.info({}, 'health of the host registered');
      return [];
    },
    beat: () => beatHost(db, hostId, 'health'),
  });
}
