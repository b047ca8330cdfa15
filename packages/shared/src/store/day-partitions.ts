import type { PoolClient } from 'pg';
import type { Database } from './database.ts';

/** A table with a partition for each day (UTC). The partitions lie in a schema of their own, since they come and go without a migration. */
export interface DayPartitions {
  table: string;
  schema: string;
  /** a partition is called `<prefix>_<yyyymmdd>` */
  prefix: string;
  /** days before today for which there must be one too; none when absent */
  daysBack?: number;
}

/** Days for which partitions are made ahead: so long may everybody be away who makes them. */
const DAYS_AHEAD = 3;

/** $1 days ahead, $2 schema, $3 prefix, $4 days back: the days without a partition, as its name and its bounds */
const MISSING = `select $3 || '_' || to_char(day, 'YYYYMMDD') as name, to_char(day, 'YYYY-MM-DD') as from,
    to_char(day + interval '1 day', 'YYYY-MM-DD') as until
  from generate_series(date_trunc('day', now() at time zone 'UTC') - $4 * interval '1 day', date_trunc('day', now() at time zone 'UTC') + $1 * interval '1 day',
    interval '1 day') as day
  where not exists (select from pg_tables where schemaname = $2 and tablename = $3 || '_' || to_char(day, 'YYYYMMDD'))`;

/** $1 days that are kept, $2 schema, $3 prefix */
const OLD = `select tablename as name from pg_tables where schemaname = $2
  and tablename < $3 || '_' || to_char((now() at time zone 'UTC') - $1 * interval '1 day', 'YYYYMMDD') order by 1`;

/** Makes the partitions for today (UTC) and the days ahead, where they are missing. */
export async function ensureDays(db: Database, { table, schema, prefix, daysBack = 0 }: DayPartitions): Promise<void> {
  await alone(db, schema, async (client) => {
    const { rows } = await client.query<{ name: string; from: string; until: string }>(MISSING, [
      DAYS_AHEAD,
      schema,
      prefix,
      daysBack,
    ]);
    for (const { name, from, until } of rows) {
      await client.query(
        `create table ${schema}.${name} partition of ${table} for values from ('${from} 00:00+00') to ('${until} 00:00+00')`,
      );
    }
  });
}

/** Drops the days that were kept long enough. @returns the names of the partitions that went */
export async function dropDays(db: Database, { schema, prefix }: DayPartitions, keptDays: number): Promise<string[]> {
  return alone(db, schema, async (client) => {
    const { rows } = await client.query<{ name: string }>(OLD, [keptDays, schema, prefix]);
    for (const { name } of rows) await client.query(`drop table ${schema}.${name}`);
    return rows.map(({ name }) => name);
  });
}

/** One process of all at a time, and nobody who writes or reads waits long for it: it's tried again later. */
async function alone<T>(db: Database, schema: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return db.transaction(async (client) => {
    await client.query(`set local lock_timeout = '2s'`);
    await client.query(`select pg_advisory_xact_lock(hashtext('partitions ' || $1))`, [schema]);
    return work(client);
  });
}
