import type { Database } from '../store/database.ts';

/** Hosts stay alive though nobody beats for them: a test may take longer than a host's lease. */
export async function letHostsLast(db: Database): Promise<void> {
  await db.pool.query(
    `update hosts set lease_until = now() + interval '1 day', connector_lease_until = now() + interval '1 day'`,
  );
}
