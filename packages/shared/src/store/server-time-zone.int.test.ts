import { afterEach, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { modelsOf } from './models.ts';

let made: TestDatabase;
let db: Database;
afterEach(async () => {
  await db.close();
  await made.drop();
});

describe('a server that is not in UTC', () => {
  test.each(['Europe/Berlin', 'America/St_Johns'])('gives models the time that it is: %s', async (zone) => {
    made = await makeTestDatabase({ timeZone: zone });
    db = openDatabase({ url: made.url });
    await db.pool.query(
      `insert into verifications (identifier, value, expires_at) values ('a link', 'x', '2026-07-01 12:00+00'), ('another', 'x', '2026-12-01 12:00+00')`,
    );
    const found = await modelsOf(db).verification.findMany({ orderBy: { expiresAt: 'asc' } });
    expect(found.map(({ expiresAt }) => expiresAt.toISOString())).toEqual([
      '2026-07-01T12:00:00.000Z',
      '2026-12-01T12:00:00.000Z',
    ]);
  });
});
