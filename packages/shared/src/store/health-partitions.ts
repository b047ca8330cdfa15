import type { PoolClient } from 'pg';
import type { Database } from './database.ts';

/** Days for which partitions of `health_checks` are made ahead: so long may every health-worker be away. */
const DAYS_AHEAD = 3;
/** The hours are compared over seven days, so they are kept for that long at least. */
const HOURLY_DAYS = 8;

/** $1 days ahead: the days (UTC) without a partition, as its name and its bounds. */
const MISSING = `select 'checks_' || to_char(day, 'YYYYMMDD') as name, to_char(day, 'YYYY-MM-DD') as from,
    to_char(day + interval '1 day', 'YYYY-MM-DD') as until
  from generate_series(date_trunc('day', now() at time zone 'UTC'), date_trunc('day', now() at time zone 'UTC') + $1 * interval '1 day',
    interval '1 day') as day
  where not exists (select from pg_tables where schemaname = 'health' and tablename = 'checks_' || to_char(day, 'YYYYMMDD'))`;

/** $1 days that are kept */
const OLD = `select tablename as name from pg_tables where schemaname = 'health'
  and tablename < 'checks_' || to_char((now() at time zone 'UTC') - $1 * interval '1 day', 'YYYYMMDD') order by 1`;

/** Makes the partitions of `health_checks` for today (UTC) and the days ahead, where they are missing. */
export async function ensureHealthPartitions(db: Database): Promise<void> {
  await alone(db, async (client) => {
    const { rows } = await client.query<{ name: string; from: string; until: string }>(MISSING, [DAYS_AHEAD]);
    for (const { name, from, until } of rows) {
      await client.query(
        `create table health.${name} partition of health_checks for values from ('${from} 00:00+00') to ('${until} 00:00+00')`,
      );
    }
  });
}

/**
 * Drops the days that were kept long enough, and the hours that nothing is compared with any more.
 * @returns the names of the partitions that went
 */
export async function dropOldHealth(db: Database, retentionDays: number): Promise<string[]> {
  return alone(db, async (client) => {
    const { rows } = await client.query<{ name: string }>(OLD, [retentionDays]);
    for (const { name } of rows) await client.query(`drop table health.${name}`);
    const days = Math.max(retentionDays, HOURLY_DAYS);
    await client.query(`delete from health_hourly where hour < now() - $1 * interval '1 day'`, [days]);
    return rows.map(({ name }) => name);
  });
}

/** One process of all at a time, and nobody who writes or reads waits long for it: it's tried again later. */
async function alone<T>(db: Database, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return db.transaction(async (client) => {
    await client.query(`set local lock_timeout = '2s'`);
    await client.query('select pg_advisory_xact_lock(726005)');
    return work(client);
  });
}
