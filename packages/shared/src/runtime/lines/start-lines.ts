import { dropOldLogs, ensureLogPartitions } from '../../store/log-partitions.ts';
import { forgetPositions } from '../../store/site-logs.ts';
import type { Context } from '../context.ts';
import { keepPartitions } from '../keep-partitions.ts';
import type { Log } from '../log.ts';
import { collectLines } from './collect-lines.ts';
import type { LineSource } from './line-source.ts';
import { makeMaskSecrets } from './mask-secrets.ts';

interface Options {
  context: Context;
  log: Log;
  source: LineSource;
  hostId: string;
  retentionDays: number;
  siteBytes: number;
}

/** Collects a source's lines of this host, and keeps the table that they go to. */
export function startLines({ context, log, source, hostId, retentionDays, siteBytes }: Options): {
  stop(): Promise<void>;
} {
  const { db, clock, owner } = context;
  const partitions = keepPartitions({
    ensure: () => ensureLogPartitions(db),
    async drop() {
      await forgetPositions(db, hostId, source.present(), retentionDays);
      return dropOldLogs(db, retentionDays);
    },
    clock,
    log,
  });
  const collecting = collectLines({ db, clock, log, hostId, owner, source, mask: makeMaskSecrets(context), siteBytes });
  return {
    async stop() {
      await Promise.all([collecting.stop(), partitions.stop()]);
    },
  };
}
