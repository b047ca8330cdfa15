import { startTemporaryPostgres } from '@berth/embedded-postgres/start-temporary-postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { silentLog } from '../runtime/log.ts';
import { applyMigrations } from '../store/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** a server for tests, where they may make and drop databases */
    testServerUrl: string;
    /** the migrated database of that server that tests clone; nobody may be connected to it */
    testTemplate: string;
  }
}

/**
 * One Postgres per run, in a temporary directory, with a migrated template that each test file clones. `BERTH_TEST_DATABASE_URL`
 * names a server to use instead, as a user that may make databases; nothing of the run stays there.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.BERTH_TEST_DATABASE_URL;
  const server = given ? { url: given, stop: async () => {} } : await startServer();
  const template = `berth_template_${process.pid}_${Date.now().toString(36)}`;
  await onServer(server.url, `create database ${template} template template0`);
  try {
    await applyMigrations({ url: databaseUrl(server.url, template), log: silentLog });
  } catch (error) {
    await onServer(server.url, `drop database ${template} with (force)`);
    await server.stop();
    throw error;
  }
  project.provide('testServerUrl', server.url);
  project.provide('testTemplate', template);
  return async () => {
    await onServer(server.url, `drop database if exists ${template} with (force)`);
    await server.stop();
  };
}

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const postgres = await startTemporaryPostgres();
  return { url: postgres.databaseUrl('postgres'), stop: postgres.stop };
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
