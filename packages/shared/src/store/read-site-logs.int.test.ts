import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { ensureLogPartitions } from './log-partitions.ts';
import { readLinesAfter } from './read-site-logs.ts';

let made: TestDatabase;
let db: Database;
beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url, max: 1 });
});
afterAll(async () => {
  await db?.close();
  await made?.drop();
});

describe('readLinesAfter', () => {
  test('goes through all lines once, the oldest first, however many figures their number has', async () => {
    await ensureLogPartitions(db);
    const siteId = randomUUID();
    await db.pool.query(
      `insert into site_logs (site_id, at, source, stream, line)
        select $1, now(), 'container', 'stdout', 'line ' || n from generate_series(1, 12) as n order by n`,
      [siteId],
    );
    const told: string[] = [];
    let last = '0';
    for (;;) {
      const lines = await readLinesAfter(db, siteId, last, {}, 5);
      if (lines.length === 0) break;
      told.push(...lines.map(({ line }) => line));
      last = lines.at(-1)?.id ?? last;
    }
    expect(told).toEqual(Array.from({ length: 12 }, (_, n) => `line ${n + 1}`));
  });
});
