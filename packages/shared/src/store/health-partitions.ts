import type { Database } from './database.ts';
import { dropDays, ensureDays } from './day-partitions.ts';

const checks = { table: 'health_checks', schema: 'health', prefix: 'checks' };
/** The hours are compared over seven days, so they are kept for that long at least. */
const HOURLY_DAYS = 8;

/** Makes the partitions of `health_checks` for today (UTC) and the days ahead, where they are missing. */
export async function ensureHealthPartitions(db: Database): Promise<void> {
  await ensureDays(db, checks);
}

/**
 * Drops the days that were kept long enough, and the hours that nothing is compared with any more.
 * @returns the names of the partitions that went
 */
export async function dropOldHealth(db: Database, retentionDays: number): Promise<string[]> {
  const dropped = await dropDays(db, checks, retentionDays);
  const days = Math.max(retentionDays, HOURLY_DAYS);
  await db.pool.query(`delete from health_hourly where hour < now() - $1 * interval '1 day'`, [days]);
  return dropped;
}
