import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { readTraffic } from './read-traffic.ts';
import { writeRequests } from './request-log.ts';

/** Days of UTC on which clocks change in Berlin: of 23 hours there, and of 25. */
const DAYS = [
  ['spring', '2026-03-29', '2026-03-30'],
  ['autumn', '2026-10-25', '2026-10-26'],
] as const;

describe('a day, where the server’s own clock changes', () => {
  let made: TestDatabase;
  let db: Database;
  const siteId = randomUUID();

  beforeAll(async () => {
    made = await makeTestDatabase({ timeZone: 'Europe/Berlin' });
    db = openDatabase({ url: made.url });
    for (const [, first, second] of DAYS) {
      const next = new Date(Date.parse(second) + 86_400_000).toISOString().slice(0, 10);
      const bounds = `for values from ('${first} 00:00+00') to ('${next} 00:00+00')`;
      const name = first.replaceAll('-', '');
      await db.pool.query(`create table traffic.hours_${name} partition of traffic_hourly ${bounds}`);
      await db.pool.query(`create table requests.day_${name} partition of site_requests ${bounds}`);
    }
  });
  afterAll(async () => {
    await db?.close();
    await made?.drop();
  });

  test.each(DAYS)('has the answers of all its hours, and of no other, in %s', async (_when, day, next) => {
    await db.pool.query(
      `insert into traffic_hourly (site_id, hour, requests, bytes, statuses, countries)
      select $1, $2::timestamptz + n * interval '1 hour', 1, 1, '{"2xx":1}', '{}' from generate_series(0, 47) n`,
      [siteId, `${day}T00:00:00Z`],
    );
    const of = { from: new Date(`${day}T00:00:00Z`), to: new Date(`${next}T23:59:59Z`), bucket: 'day' } as const;
    const { buckets } = await readTraffic(db, siteId, of);
    expect(buckets.map(({ at, requests, statuses }) => ({ at, requests, statuses }))).toEqual(
      [day, next].map((one) => ({ at: `${one}T00:00:00.000Z`, requests: 24, statuses: { '2xx': 24 } })),
    );
  });

  test.each(DAYS)('counts the requests that are kept of it, and of no other, in %s', async (_when, day, next) => {
    const cfZoneId = `zone of ${day}`;
    const { rows } = await db.pool.query<{ id: string }>(
      `with a as (insert into cloudflare_accounts (id) values ('acc') on conflict (id) do update set id = excluded.id returning id)
      insert into zones (account_id, cf_zone_id, name, status) select id, $1, $1, 'active' from a returning id`,
      [cfZoneId],
    );
    const request = { siteId, host: 'a.example', method: 'GET', path: '/', status: 200, country: 'DE', network: null };
    const requests = [`${day}T00:30:00Z`, `${day}T23:30:00Z`, `${next}T00:30:00Z`].map((at) => {
      return { ...request, at, requests: 1, bytes: 1 };
    });
    const zone = { zoneId: rows[0]?.id ?? '', sites: [{ siteId, hosts: [], since: `${day}T00:00:00Z` }] };
    await writeRequests(db, zone, { from: `${day}T00:00:00Z`, until: `${day}T23:59:00Z`, requests });
    const kept = await db.pool.query(
      'select r.day_rows from zone_requests r join zones z on z.id = r.zone_id where z.cf_zone_id = $1',
      [cfZoneId],
    );
    expect(kept.rows).toEqual([{ day_rows: 2 }]);
  });
});
