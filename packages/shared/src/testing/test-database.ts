import pg from 'pg';
import { inject } from 'vitest';

/** A database of a test file's own. */
export interface TestDatabase {
  url: string;
  /** Drops the database; whoever is still connected is cut off. */
  drop(): Promise<void>;
}

let made = 0;

/**
 * Clones the migrated template of this run's server (global-setup.ts), in some 30 ms.
 * @param options `empty`: a database without any migration instead; `timeZone`: its own clock, UTC when absent
 */
export async function makeTestDatabase(options: { empty?: boolean; timeZone?: string } = {}): Promise<TestDatabase> {
  const server = inject('testServerUrl');
  made += 1;
  const name = `test_${process.pid}_${process.env.VITEST_WORKER_ID ?? '0'}_${made}_${Math.random().toString(36).slice(2, 8)}`;
  const template = options.empty ? 'template0' : inject('testTemplate');
  await onServer(server, `create database "${name}" template ${template}`);
  if (options.timeZone) await onServer(server, `alter database "${name}" set timezone to '${options.timeZone}'`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database if exists "${name}" with (force)`) };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  client.on('error', () => {});
  await client.connect();
  try {
    // Postgres clones a template only while nobody is connected to it, clones included: one at a time.
    await client.query('select pg_advisory_lock(726001)');
    await client.query(statement);
  } finally {
    await client.end();
  }
}
