import { startTemporaryPostgres } from '@berth/embedded-postgres/start-temporary-postgres';
import type { TestProject } from 'vitest/node';
import { silentLog } from '../runtime/log.ts';
import { applyMigrations } from '../store/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** a server for tests, with a migrated database `berth`, which tests clone */
    testServerUrl: string;
  }
}

/** One Postgres per run, in a temporary directory, with a migrated template that each test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startTemporaryPostgres();
  const template = postgres.databaseUrl('berth');
  await applyMigrations({ url: template, log: silentLog });
  project.provide('testServerUrl', postgres.databaseUrl('postgres'));
  return () => postgres.stop();
}
