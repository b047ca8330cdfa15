import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { BerthError, messageOf } from '../errors/berth-error.ts';
import type { Log } from '../runtime/log.ts';

/** Prisma's own engine takes the same lock, so that neither works while the other does. */
const LOCK_KEY = 72_707_369;

/** A migration whose name ends so only adds what older code can live beside (docs/database.md). */
const EXPANSION = /_expand$/;

/** Beside the sources, and beside what was built of them: the nearest `prisma/migrations` above this file. */
function findMigrations(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  for (let place = here; place !== path.dirname(place); place = path.dirname(place)) {
    const found = path.join(place, 'prisma/migrations');
    if (existsSync(found)) return found;
  }
  throw new Error(`there is no prisma/migrations above ${here}: the installation is not complete`);
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

interface Applied {
  name: string;
  checksum: string;
  finished: boolean;
}

export interface MigrateOptions {
  url: string;
  /** default: this clone's prisma/migrations */
  dir?: string;
  log: Log;
}

/**
 * Applies the migrations that a database lacks, each in a transaction of its own, one process at a time; the rows it leaves are
 * those that Prisma's own commands expect.
 * @returns the names of those that were applied
 * @throws BerthError `database.newer`, `database.migration-edited`, `database.migration-failed`, `database.unreachable`
 */
export async function applyMigrations({ url, dir = findMigrations(), log }: MigrateOptions): Promise<string[]> {
  const known = await readMigrations(dir);
  const client = await connect(url);
  try {
    await lock(client, log);
    const applied = await readApplied(client);
    check(known, applied, log);
    const done = new Set(applied.map((one) => one.name));
    const missing = known.filter((one) => !done.has(one.name));
    for (const migration of missing) await apply(client, migration, log);
    return missing.map((one) => one.name);
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true });
  // a connection that breaks fails the statement under way; without a listener it would end the process besides
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new BerthError('database.unreachable', `connecting to the database: ${sayWhy(error)}`, { cause: error });
  }
}

/** Where a host name has several addresses the failures of all come as one error without a message. */
function sayWhy(error: unknown): string {
  return messageOf(error instanceof AggregateError ? error.errors[0] : error);
}

async function lock(client: pg.Client, log: Log): Promise<void> {
  const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [LOCK_KEY]);
  if (rows[0]?.mine) return;
  log.info('waiting for another process that applies migrations');
  await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(dir, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function readApplied(client: pg.Client): Promise<Applied[]> {
  await client.query(`create table if not exists _prisma_migrations (
    id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
    migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
    started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
  const { rows } = await client.query<Applied>(
    `select migration_name as name, checksum, finished_at is not null as finished
    from _prisma_migrations where rolled_back_at is null order by migration_name`,
  );
  return rows;
}

function check(known: readonly Migration[], applied: readonly Applied[], log: Log): void {
  const byName = new Map(known.map((one) => [one.name, one]));
  for (const { name, checksum, finished } of applied) {
    if (!finished) {
      throw new BerthError(
        'database.migration-failed',
        `migration ${name} failed earlier: mend the database, then delete its row in _prisma_migrations`,
      );
    }
    const migration = byName.get(name);
    if (migration && migration.checksum !== checksum) {
      throw new BerthError(
        'database.migration-edited',
        `migration ${name} was edited after it was applied: restore the file, and put the change into a new migration`,
      );
    }
  }
  const unknown = applied.filter((one) => !byName.has(one.name)).map((one) => one.name);
  const breaking = unknown.filter((name) => !EXPANSION.test(name));
  if (breaking.length > 0) {
    throw new BerthError(
      'database.newer',
      `the database has ${breaking.join(', ')}, which this build does not know: start the newer build, or restore a back-up from before`,
    );
  }
  if (unknown.length > 0) log.info({ migrations: unknown }, 'database is newer, by expansions only');
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration, log: Log): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
      values ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('commit');
    log.info({ migration: name }, 'migration applied');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    const message = `migration ${name} (nothing of it was kept): ${messageOf(error)}${lineOf(error, sql)}`;
    throw new BerthError('database.migration-failed', message, { cause: error });
  }
}

function lineOf(error: unknown, sql: string): string {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return '';
  return `, line ${sql.slice(0, Number(error.position)).split('\n').length}`;
}
