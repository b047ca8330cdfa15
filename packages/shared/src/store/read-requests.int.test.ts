import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { type RequestFilter, type RequestPosition, readRequests } from './read-requests.ts';
import { ensureRequestPartitions } from './request-log.ts';

describe('readRequests', () => {
  let db: Database;
  let drop: () => Promise<void>;
  const siteId = randomUUID();

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
    await ensureRequestPartitions(db, 7);
    // Two of each second over three days, and those of another site at the same times.
    await db.pool.query(
      `insert into site_requests (site_id, at, nr, host, method, path, status, country, requests, bytes)
      select site, date_trunc('second', now()) - (n / 2) * interval '6 hours', 1 + n % 2, 'a.example', 'GET', '/' || n,
        case n when 19 then 404 else 200 end, 'DE', 1, 1
      from generate_series(0, 19) n, unnest($1::uuid[]) site`,
      [[siteId, randomUUID()]],
    );
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const newestFirst = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14, 17, 16, 19, 18].map((n) => `/${n}`);

  /** Goes from page to page to the end. @returns the paths of each */
  async function pages(filter: RequestFilter, { limit, looks }: { limit: number; looks: number }): Promise<string[][]> {
    const all: string[][] = [];
    let before: RequestPosition | undefined;
    do {
      const { requests, next } = await readRequests(db, siteId, filter, { before, limit, looks });
      all.push(requests.map(({ path }) => path));
      before = next ?? undefined;
    } while (before && all.length < 30);
    return all;
  }

  test('gives all of a site page by page, within a second too', async () => {
    expect((await pages({}, { limit: 3, looks: 100 })).flat()).toEqual(newestFirst);
    expect(await pages({}, { limit: 20, looks: 100 })).toEqual([newestFirst]);
  });

  test('ends a page after so many rows, and finds behind its cursor what is there', async () => {
    expect(await pages({ statuses: [404, 404] }, { limit: 5, looks: 7 })).toEqual([[], [], ['/19']]);
    expect(await pages({ path: '/1' }, { limit: 5, looks: 8 })).toEqual([
      ['/1'],
      ['/11', '/10', '/13', '/12', '/15'],
      ['/14', '/17', '/16', '/19', '/18'],
    ]);
  });

  test('ends when nothing fits anywhere, also where the last page is full of rows', async () => {
    expect((await pages({ country: 'AT' }, { limit: 5, looks: 7 })).flat()).toEqual([]);
    expect(await pages({ country: 'AT' }, { limit: 5, looks: 20 })).toEqual([[], []]);
    expect(await pages({ country: 'AT' }, { limit: 5, looks: 21 })).toEqual([[]]);
  });

  test('looks within the time that is asked for alone', async () => {
    const from = new Date(Date.now() - 7 * 3_600_000).toISOString();
    expect(await pages({ from }, { limit: 10, looks: 3 })).toEqual([newestFirst.slice(0, 3), [newestFirst[3]]]);
  });

  test('says of a site without requests that there are none', async () => {
    expect(await readRequests(db, randomUUID(), {}, { before: undefined, limit: 5 })).toMatchObject({
      requests: [],
      next: null,
    });
  });
});
