import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const page = readFileSync(new URL('../../../../docs/database.md', import.meta.url), 'utf8');

describe('docs/database.md', () => {
  let made: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    made = await makeTestDatabase();
    client = new pg.Client({ connectionString: made.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await made.drop();
  });

  const namesOf = async (query: string) =>
    (await client.query<{ name: string }>(query)).rows
      .map((row) => row.name)
      .filter((name) => !page.includes(`\`${name}`));

  test('names every table', async () => {
    const missing = await namesOf(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename <> '_prisma_migrations'`,
    );
    expect(missing).toEqual([]);
  });

  test("names every check and partial index, which Prisma's language can't say", async () => {
    const checks = await namesOf(
      `select replace(conname, '_check', '') as name from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace`,
    );
    const indexes = await namesOf(
      `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indpred is not null and c.relnamespace = 'public'::regnamespace`,
    );
    expect([...checks, ...indexes]).toEqual([]);
  });
});
