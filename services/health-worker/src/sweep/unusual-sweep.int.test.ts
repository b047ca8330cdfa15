import { type Database, openDatabase } from '@berth/shared/store/database';
import { untilHourLasts } from '@berth/shared/testing/hour-that-lasts';
import { type LiveSite, makeLiveSites } from '@berth/shared/testing/live-sites';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeUnusualSweep } from './unusual-sweep.ts';

let made: TestDatabase;
let db: Database;
let sites: LiveSite[];

beforeAll(async () => {
  await untilHourLasts();
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
  sites = await makeLiveSites(db, { host: 'one', keys: ['usual', 'failing', 'down'], firstPort: 3100 });
  await db.pool.query(
    `insert into health_hourly (site_id, hour, checks, latency_ms_sum)
    select s.id, date_trunc('hour', now()) - n * interval '1 hour', 60, 600 from sites s, generate_series(0, 100) n`,
  );
});
afterAll(async () => {
  await db.close();
  await made.drop();
});

const siteOf = (key: string) => sites.find((site) => site.key === key)?.siteId ?? '';
const failNow = (key: string, failed: number) =>
  db.pool.query(`update health_hourly set failed = $2 where site_id = $1 and hour >= date_trunc('hour', now())`, [
    siteOf(key),
    failed,
  ]);
const anomalies = async () =>
  (
    await db.pool.query(
      `select s.key, i.reason, i.closed_at is not null as closed from incidents i join sites s on s.id = i.site_id
      where i.kind = 'anomaly' order by i.opened_at, s.key`,
    )
  ).rows;

describe('the sweep for what is unusual', () => {
  test('opens one incident for what fails more than usual, and closes it when that is over', async () => {
    const sweep = makeUnusualSweep({ db, hostId: 'one' });
    await db.pool.query(
      `insert into incidents (kind, site_id, aspect, reason) values ('container-down', $1, 'container', 'Timeout')`,
      [siteOf('down')],
    );
    await failNow('failing', 30);
    await failNow('down', 60);
    expect(await sweep()).toEqual({ checked: 3, failing: 1 });
    await sweep();
    expect(await anomalies()).toEqual([{ key: 'failing', reason: 'MoreErrorsThanUsual', closed: false }]);
    await failNow('failing', 0);
    await sweep();
    expect(await anomalies()).toEqual([{ key: 'failing', reason: 'MoreErrorsThanUsual', closed: true }]);
  });

  test('closes that of a site that leaves', async () => {
    const sweep = makeUnusualSweep({ db, hostId: 'one' });
    await failNow('failing', 30);
    await sweep();
    await db.pool.query(`update sites set wanted = 'deleted' where id = $1`, [siteOf('failing')]);
    await sweep();
    expect((await anomalies()).every(({ closed }) => closed)).toBe(true);
  });

  test('compares with the last seven days, and not with what was before them', async () => {
    const [site] = await makeLiveSites(db, { host: 'two', keys: ['mended'], firstPort: 3100 });
    const hours = (first: number, last: number, failed: number) =>
      db.pool.query(
        `insert into health_hourly (site_id, hour, checks, failed, latency_ms_sum)
        select $1, date_trunc('hour', now()) - n * interval '1 hour', 60, $4, 600 from generate_series($2::int, $3::int) n`,
        [site?.siteId, first, last, failed],
      );
    const sweep = makeUnusualSweep({ db, hostId: 'two' });
    await hours(169, 400, 60);
    await hours(2, 100, 0);
    await hours(0, 1, 20);
    expect(await sweep()).toEqual({ checked: 1, failing: 1 });
    await db.pool.query(
      `update health_hourly set failed = 20 where site_id = $1 and hour < now() - interval '3 hours'`,
      [site?.siteId],
    );
    expect(await sweep()).toEqual({ checked: 1, failing: 0 });
  });
});
