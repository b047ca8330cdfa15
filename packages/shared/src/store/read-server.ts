import type { Database, Statement } from './database.ts';

/** What the database server says of itself. */
export interface ServerFacts {
  /** such as 180004 */
  versionNumber: number;
  version: string;
  /** its clock, in milliseconds since 1970 */
  clockMs: number;
  migrations: number;
  /** a migration that began and did not end */
  unfinished: string | null;
  maxConnections: number;
  connections: number;
  isStandby: boolean;
}

const facts: Statement = {
  name: 'server-facts',
  text: `select current_setting('server_version_num')::int as "versionNumber", current_setting('server_version') as version,
    extract(epoch from clock_timestamp())::float8 * 1000 as "clockMs",
    (select count(*)::int from _prisma_migrations where finished_at is not null and rolled_back_at is null) as migrations,
    (select min(migration_name) from _prisma_migrations where finished_at is null and rolled_back_at is null) as unfinished,
    current_setting('max_connections')::int as "maxConnections",
    (select coalesce(sum(numbackends), 0)::int from pg_stat_database) as connections, pg_is_in_recovery() as "isStandby"`,
};

const clock: Statement = {
  name: 'server-clock',
  text: 'select extract(epoch from clock_timestamp())::float8 * 1000 as ms',
};

/** @throws when the server doesn't answer */
export async function readServerFacts(db: Database): Promise<ServerFacts> {
  const [row] = await db.run<ServerFacts & Record<string, unknown>>(facts, []);
  if (!row) throw new Error('the server says nothing of itself');
  return row;
}

/**
 * By how much this machine's clock is ahead of the server's at least, in milliseconds: the server looked at its own between the question
 * and the answer, and no one knows when, so that a late answer tells of no skew.
 * @param nowMs this machine's clock
 */
export async function readClockSkew(db: Pick<Database, 'run'>, nowMs: () => number): Promise<number> {
  await db.run(clock, []);
  const before = nowMs();
  const [row] = await db.run<{ ms: number }>(clock, []);
  const after = nowMs();
  const looked = row?.ms ?? before;
  return looked < before ? before - looked : Math.min(0, after - looked);
}
