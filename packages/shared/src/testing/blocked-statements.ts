import type { PoolClient } from 'pg';
import { expect } from 'vitest';
import type { Database } from '../store/database.ts';

/** Resolves once `count` statements of this database wait for a lock, so that a test knows how far they got. */
export async function untilBlocked(db: Database, count = 1): Promise<void> {
  const waiting = async () => {
    const { rows } = await db.pool.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0]?.n;
  };
  await expect.poll(waiting, { timeout: 60_000, interval: 10 }).toBe(count);
}

/** The database as somebody sees it whose statements all run on one connection, within a transaction that is under way. */
export function within(db: Database, client: PoolClient): Database {
  return {
    ...db,
    run: async (statement, values) => (await client.query({ ...statement, values: [...values] })).rows,
    transaction: (work) => work(client),
  };
}
