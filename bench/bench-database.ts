import { startTemporaryPostgres } from '@berth/embedded-postgres/start-temporary-postgres';
import { silentLog } from '@berth/shared/runtime/log';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { applyMigrations } from '@berth/shared/store/migrate';

/** Settings of a server that keeps what it confirmed: figures without them would flatter. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

/** A migrated database on a server of its own, for one measurement. @param settings of the server, beside the usual ones */
export async function openBenchDatabase(
  max = 32,
  settings: Record<string, string> = {},
): Promise<{ db: Database; url: string; close(): Promise<void> }> {
  const postgres = await startTemporaryPostgres({ ...DURABLE, ...settings });
  const url = postgres.databaseUrl('postgres');
  await applyMigrations({ url, log: silentLog });
  const db = openDatabase({ url, max });
  return {
    db,
    url,
    async close() {
      await db.close();
      await postgres.stop();
    },
  };
}
