import type { Database } from './database.ts';
import { dropDays, ensureDays } from './day-partitions.ts';

const logs = { table: 'site_logs', schema: 'logs', prefix: 'lines' };

/** Makes the partitions of `site_logs` for today (UTC) and the days ahead. */
export async function ensureLogPartitions(db: Database): Promise<void> {
  await ensureDays(db, logs);
}

/** Drops the days that were kept long enough. @returns the names of the partitions that went */
export async function dropOldLogs(db: Database, retentionDays: number): Promise<string[]> {
  const dropped = await dropDays(db, logs, retentionDays);
  await db.pool.query(`delete from log_volumes where day < (now() at time zone 'UTC')::date - $1::int`, [
    retentionDays,
  ]);
  return dropped;
}
