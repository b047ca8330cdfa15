import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { dropOldLogs, ensureLogPartitions } from './log-partitions.ts';

let made: TestDatabase;
let db: Database;

beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
});
afterAll(async () => {
  await db.close();
  await made.drop();
});

describe('site_logs', () => {
  test('loses the days that were kept long enough, and no other', async () => {
    await ensureLogPartitions(db);
    const dayOf = async (daysAgo: number) => {
      const text = `select to_char((now() at time zone 'UTC') - $1 * interval '1 day', 'YYYYMMDD') as day`;
      return (await db.pool.query<{ day: string }>(text, [daysAgo])).rows[0]?.day;
    };
    const [old, kept] = await Promise.all([dayOf(15), dayOf(13)]);
    for (const day of [old, kept]) {
      const from = `'${day} 00:00+00'::timestamptz`;
      const { rows } = await db.pool.query(`select ${from}::text as from, (${from} + interval '1 day')::text as until`);
      await db.pool.query(
        `create table logs.lines_${day} partition of site_logs for values from ('${rows[0].from}') to ('${rows[0].until}')`,
      );
    }
    expect(await dropOldLogs(db, 14)).toEqual([`lines_${old}`]);
    const { rows } = await db.pool.query(
      `select tablename as name from pg_tables where schemaname = 'logs' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toContain(`lines_${kept}`);
    expect(rows).toHaveLength(5);
  });
});
