import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { listApiKeys } from './api-keys.ts';
import { type Database, openDatabase } from './database.ts';
import { readHostParts } from './read-hosts.ts';
import { readOverview } from './read-overview.ts';
import { readSiteHealth } from './read-site-health.ts';
import { listSessions } from './sessions.ts';

const MANY = 40;
/** Of one moment, in an order of the disk that is neither that of the ids nor its reverse. */
const IDS = `select md5(n::text)::uuid as id, '2026-01-01 00:00+00'::timestamptz as at from generate_series(1, ${MANY}) n`;

describe('what happened in one moment', () => {
  let db: Database;
  let drop: () => Promise<void>;
  let siteId: string;
  let ids: string[];

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
    siteId = (await makeConditions(db))[0]?.siteId ?? '';
    ids = (await db.pool.query(`select id from (${IDS}) i order by id desc`)).rows.map(({ id }) => id);
    await db.pool.query(`insert into hosts (id) values ('alpha')`);
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  test('is in one order among the events of a host', async () => {
    await db.pool.query(
      `insert into host_events (id, host_id, type, message, created_at) select id, 'alpha', 'x', id::text, at from (${IDS}) i`,
    );
    const { events } = await readHostParts(db, 'alpha');
    expect(events.map(({ message }) => message)).toEqual(ids);
  });

  test('is in one order among the incidents of a site, and among all that are open', async () => {
    await db.pool.query(
      `insert into incidents (id, kind, site_id, aspect, reason, message, opened_at, closed_at)
      select id, 'site-down', $1, id::text, 'x', id::text, at, at from (${IDS}) i`,
      [siteId],
    );
    const { incidents } = await readSiteHealth(db, siteId);
    expect(incidents.map(({ message }) => message)).toEqual(ids.slice(0, incidents.length));
    await db.pool.query('update incidents set closed_at = null');
    const open = (await readOverview(db, { serving: [], waiting: [], customers: [], customersDays: 7 }, 7)).incidents;
    expect(open.map(({ message }) => message)).toEqual(ids.toReversed());
  });

  test('is in one order among API keys', async () => {
    await db.pool.query(
      `insert into api_keys (id, name, prefix, hash, scopes, created_at) select id, 'k', 'p', id::text, '{}', at from (${IDS}) i`,
    );
    expect((await listApiKeys(db)).map(({ id }) => id)).toEqual(ids);
  });

  test('is in one order among the sessions of a user', async () => {
    const { rows } = await db.pool.query(
      `insert into users (name, email) values ('Ada', 'ada@example.org') returning id`,
    );
    await db.pool.query(
      `insert into sessions (id, user_id, token, expires_at, created_at)
      select id, $1, id::text, now() + interval '1 day', at from (${IDS}) i`,
      [rows[0].id],
    );
    expect((await listSessions(db, rows[0].id)).map(({ id }) => id)).toEqual(ids);
  });
});
