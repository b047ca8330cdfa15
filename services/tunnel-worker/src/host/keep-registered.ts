import type { Clock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import { type KeptAlive, keepAlive } from '@berth/shared/runtime/keep-alive';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { beatHost, registerConnectors } from '@berth/shared/store/hosts';

interface Deps {
  db: Database;
  clock: Clock;
  log: Log;
  hints: Hints;
  hostId: string;
  programs: {
    /** @throws while systemd is away */
    readSystemdVersion(signal: AbortSignal): Promise<string>;
    findCloudflaredVersion(signal: AbortSignal): Promise<string | undefined>;
  };
}

/** Keeps the connectors' half of the host alive, for as long as its systemd answers. */
export function keepRegistered({ db, clock, log, hints, hostId, programs }: Deps): KeptAlive {
  return keepAlive({
    clock,
    log,
    hints,
    async register(signal) {
      const systemd = await programs.readSystemdVersion(signal);
      const cloudflared = await programs.findCloudflaredVersion(signal);
      const versions = { systemd, ...(cloudflared && { cloudflared }) };
      const called = await registerConnectors(db, { id: hostId, versions });
      log.info({ versions }, 'connectors of the host registered');
      return called;
    },
    async beat(signal) {
      await programs.readSystemdVersion(signal);
      return beatHost(db, hostId, 'connectors');
    },
  });
}
