import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../runtime/log.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { applyMigrations } from './migrate.ts';

describe('applyMigrations', () => {
  let dir: string;
  let url: string;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'berth-migrations-'));
    ({ url, drop } = await makeTestDatabase({ empty: true }));
    write('20260101000000_first', 'create table first (id int primary key);');
    write('20260102000000_second', 'alter table first add column name text;\ninsert into first values (1, $$a;b$$);');
  });
  afterEach(async () => {
    await drop();
    rmSync(dir, { recursive: true, force: true });
  });

  function write(name: string, sql: string): void {
    mkdirSync(path.join(dir, name), { recursive: true });
    writeFileSync(path.join(dir, name, 'migration.sql'), sql);
  }
  const remove = (name: string) => rmSync(path.join(dir, name), { recursive: true });
  const apply = () => applyMigrations({ url, dir, log: silentLog });
  async function ask(text: string): Promise<pg.QueryResultRow[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  test('applies what is missing, in order, and nothing the second time', async () => {
    expect(await apply()).toEqual(['20260101000000_first', '20260102000000_second']);
    expect(await apply()).toEqual([]);
    write('20260103000000_third', 'drop table first;');
    expect(await apply()).toEqual(['20260103000000_third']);
  });

  test("leaves the rows that Prisma's own commands expect", async () => {
    await apply();
    const [row] = await ask('select * from _prisma_migrations order by migration_name');
    expect(row).toMatchObject({
      migration_name: '20260101000000_first',
      checksum: createHash('sha256').update('create table first (id int primary key);').digest('hex'),
      finished_at: expect.any(Date),
      rolled_back_at: null,
      applied_steps_count: 1,
    });
  });

  test('applies each migration once when four start at once', async () => {
    const applied = await Promise.all([apply(), apply(), apply(), apply()]);
    expect(applied.flat()).toEqual(['20260101000000_first', '20260102000000_second']);
    expect(await ask('select count(*)::int as n from _prisma_migrations')).toEqual([{ n: 2 }]);
  });

  test('keeps nothing of a migration that fails, names its line, and goes on once it is mended', async () => {
    write('20260103000000_third', 'create table third (id int);\nselect * from nowhere;');
    await expect(apply()).rejects.toMatchObject({
      code: 'database.migration-failed',
      message: expect.stringMatching(/20260103000000_third .*"nowhere".*, line 2$/),
    });
    expect(await ask(`select to_regclass('third') as made`)).toEqual([{ made: null }]);
    write('20260103000000_third', 'create table third (id int);');
    expect(await apply()).toEqual(['20260103000000_third']);
  });

  test('refuses a migration that was edited after it was applied', async () => {
    await apply();
    write('20260101000000_first', 'create table first (id bigint primary key);');
    await expect(apply()).rejects.toMatchObject({
      code: 'database.migration-edited',
      message: expect.stringContaining('20260101000000_first'),
    });
  });

  test('refuses a database that another tool left half migrated', async () => {
    await apply();
    await ask(`update _prisma_migrations set finished_at = null where migration_name like '%second'`);
    await expect(apply()).rejects.toMatchObject({ code: 'database.migration-failed' });
  });

  test('refuses a database that is newer than the code, and says what to do', async () => {
    await apply();
    remove('20260102000000_second');
    await expect(apply()).rejects.toMatchObject({
      code: 'database.newer',
      message: expect.stringMatching(/20260102000000_second.*start the newer build/),
    });
  });

  test('accepts a newer database when all that is newer is marked as an expansion', async () => {
    write('20260103000000_notes_expand', 'alter table first add column note text;');
    await apply();
    remove('20260103000000_notes_expand');
    expect(await apply()).toEqual([]);
    remove('20260102000000_second');
    await expect(apply()).rejects.toMatchObject({ code: 'database.newer' });
  });

  test('says that the database did not answer, without its password', async () => {
    const away = applyMigrations({ url: 'postgresql://berth:hidden@localhost:1/berth', dir, log: silentLog });
    await expect(away).rejects.toMatchObject({
      code: 'database.unreachable',
      message: expect.stringMatching(/ECONNREFUSED(?!.*hidden)/),
    });
  });
});
