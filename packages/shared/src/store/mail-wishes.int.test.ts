import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase, type Statement } from './database.ts';
import { storeMailWish, takeMailWish } from './mail-wishes.ts';

const HOUR_MS = 3_600_000;

describe('takeMailWish', () => {
  let db: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
  });
  afterEach(() => db.pool.query('delete from verifications'));
  afterAll(async () => {
    await db.close();
    await drop();
  });

  /** Links and codes of others, which are good for an hour. */
  const addOthers = (count: number) =>
    db.pool.query(
      `insert into verifications (identifier, value, expires_at) select 'code-' || n, 'x', now() + interval '1 hour' from generate_series(1, $1) n`,
      [count],
    );

  test('gives the oldest wish, and each to one alone', async () => {
    await addOthers(3);
    await storeMailWish(db, 'first@example.org', HOUR_MS);
    await storeMailWish(db, 'second@example.org', HOUR_MS);
    await db.pool.query(`update verifications set updated_at = now() - interval '50 minutes'`);
    expect((await takeMailWish(db, HOUR_MS / 2))?.email).toBe('first@example.org');
    expect((await takeMailWish(db, HOUR_MS / 2))?.email).toBe('second@example.org');
    expect(await takeMailWish(db, HOUR_MS / 2)).toBeUndefined();
  });

  test('gives none that is not good any more', async () => {
    await storeMailWish(db, 'late@example.org', 0);
    expect(await takeMailWish(db, 0)).toBeUndefined();
  });

  test('looks at wishes alone, however many links and codes there are', async () => {
    await addOthers(20_000);
    await db.pool.query('analyze verifications');
    const sent: Statement[] = [];
    const noting: Database = {
      ...db,
      run: (statement, values) => {
        sent.push(statement);
        return db.run(statement, values);
      },
    };
    await takeMailWish(noting, 1000);
    expect(sent).toHaveLength(1);
    for (const kind of ['explain', 'explain (generic_plan)']) {
      const { rows } = await db.pool.query(`${kind} ${sent[0]?.text}`, kind === 'explain' ? [1000] : []);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('verifications_sign_in_wish_idx');
      expect(plan).not.toContain('Seq Scan');
    }
  });
});
