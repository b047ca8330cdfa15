import type { Context } from '@berth/shared/runtime/context';
import { keepPartitions } from '@berth/shared/runtime/keep-partitions';
import type { Log } from '@berth/shared/runtime/log';
import { dropOldLogs, ensureLogPartitions } from '@berth/shared/store/log-partitions';
import { collectLogs } from './collect-logs.ts';
import type { ContainerLogs } from './log-access.ts';
import { makeMaskSecrets } from './mask-secrets.ts';

interface Options {
  context: Context;
  log: Log;
  logs: ContainerLogs;
  hostId: string;
  retentionDays: number;
  siteBytes: number;
}

/** Collects the lines of this host's containers, and keeps the table that they go to. */
export function startLogs({ context, log, logs, hostId, retentionDays, siteBytes }: Options): {
  stop(): Promise<void>;
} {
  const { db, clock, owner } = context;
  const partitions = keepPartitions({
    ensure: () => ensureLogPartitions(db),
    drop: () => dropOldLogs(db, retentionDays),
    clock,
    log,
  });
  const collecting = collectLogs({ db, clock, log, hostId, owner, logs, mask: makeMaskSecrets(context), siteBytes });
  return {
    async stop() {
      await Promise.all([collecting.stop(), partitions.stop()]);
    },
  };
}
