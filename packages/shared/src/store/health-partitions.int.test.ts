import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLiveSites } from '../testing/live-sites.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { dropOldHealth, ensureHealthPartitions } from './health-partitions.ts';

let made: TestDatabase;
let db: Database;
let siteId: string;

beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
  const [site] = await makeLiveSites(db, { host: 'one', keys: ['a'], firstPort: 3100 });
  siteId = site?.siteId ?? '';
});
afterAll(async () => {
  await db.close();
  await made.drop();
});

async function makeDay(daysAgo: number): Promise<string> {
  const { rows } = await db.pool.query<{ name: string; from: string; until: string }>(
    `select 'checks_' || to_char(day, 'YYYYMMDD') as name, to_char(day, 'YYYY-MM-DD') as from,
      to_char(day + interval '1 day', 'YYYY-MM-DD') as until
    from (select (now() at time zone 'UTC') - $1 * interval '1 day' as day) d`,
    [daysAgo],
  );
  const { name = '', from, until } = rows[0] ?? {};
  const bounds = `from ('${from} 00:00+00') to ('${until} 00:00+00')`;
  await db.pool.query(`create table health.${name} partition of health_checks for values ${bounds}`);
  return name;
}

const hours = async () => {
  const text = `select round(extract(epoch from now() - hour) / 3600)::int as ago from health_hourly order by hour desc`;
  return (await db.pool.query<{ ago: number }>(text)).rows.map(({ ago }) => ago);
};
const setHours = async (...ago: number[]) => {
  await db.pool.query('delete from health_hourly');
  await db.pool.query(
    `insert into health_hourly (site_id, hour, checks) select $1, now() - n * interval '1 hour', 60 from unnest($2::int[]) n`,
    [siteId, ago],
  );
};

describe('what is known of the health of sites', () => {
  test('loses the days that were kept long enough, and no other', async () => {
    await ensureHealthPartitions(db);
    const [old, kept] = [await makeDay(15), await makeDay(13)];
    expect(await dropOldHealth(db, 14)).toEqual([old]);
    const { rows } = await db.pool.query(`select tablename as name from pg_tables where schemaname = 'health'`);
    expect(rows.map(({ name }) => name)).toContain(kept);
    expect(await dropOldHealth(db, 7)).toEqual([kept]);
  });

  test('loses the hours after as many days, of which a week stays to compare with', async () => {
    await setHours(1, 13 * 24, 15 * 24);
    await dropOldHealth(db, 14);
    expect(await hours()).toEqual([1, 13 * 24]);
    await setHours(1, 7 * 24, 9 * 24);
    await dropOldHealth(db, 1);
    expect(await hours()).toEqual([1, 7 * 24]);
  });
});
