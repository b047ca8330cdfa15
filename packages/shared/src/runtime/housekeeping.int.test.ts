import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../store/database.ts';
import { pruneBatch } from '../store/retention.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeApiKey } from '../testing/new-order.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { systemClock } from './clock.ts';
import { startHousekeeping } from './housekeeping.ts';
import { silentLog } from './log.ts';

const patient = { timeout: 60_000, interval: 20 };

describe('housekeeping', () => {
  let db: Database;
  let drop: () => Promise<void>;
  let apiKeyId: string;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
    apiKeyId = await makeApiKey(db);
  });
  beforeEach(() =>
    db.pool.query('truncate idempotency_keys, site_events, site_conditions, sites, orders, customers cascade'),
  );
  afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const start = () =>
    stops.push(startHousekeeping({ db, clock: systemClock, log: silentLog, everyMs: 50, pauseMs: 1 }));
  const makeKeys = (count: number, days: number) =>
    db.pool.query(
      `insert into idempotency_keys (api_key_id, key, fingerprint, status, response, created_at)
      select $1, 'key ' || n || ' of ' || $3::int, 'f', 202, '{}', now() - make_interval(days => $3::int) from generate_series(1, $2) n`,
      [apiKeyId, count, days],
    );
  /** sites that went so many days ago (null: that are there), with events each */
  async function makeSites(count: number, goneDays: number | null, events: number): Promise<string[]> {
    const ids = (await makeConditions(db, { count })).map((one) => one.siteId);
    await db.pool.query(
      `with s as (update sites set event_seq = $3, gone_at = now() - make_interval(days => $2::int) where id = any($1) returning id)
      insert into site_events (site_id, seq, type, created_at)
      select s.id, n, 'condition.changed', now() - interval '1000 days' from s, generate_series(1, $3) n`,
      [ids, goneDays, events],
    );
    return ids;
  }
  const countOf = async (table: string, where = 'true'): Promise<number> =>
    (await db.pool.query(`select count(*)::int as n from ${table} where ${where}`)).rows[0].n;

  test('deletes idempotency keys after 30 days, and no younger one', async () => {
    await makeKeys(2500, 31);
    await makeKeys(10, 29);
    start();
    await expect.poll(() => countOf('idempotency_keys'), patient).toBe(10);
  });

  test('deletes deliveries 30 days after they ended, and none that waits', async () => {
    await db.pool.query(
      `insert into deliveries (message_id, kind, channel, target, payload, state, finished_at, created_at)
      select 'evt_' || n, 'order.live', 'webhook', 'one', '{}', case when ended is null then 'pending' else 'delivered' end,
        now() - ended * interval '1 day', now() - interval '90 days'
      from unnest(array[31, 40, 29, null]::int[]) with ordinality as d (ended, n)`,
    );
    start();
    await expect.poll(() => countOf('deliveries'), patient).toBe(2);
    await db.pool.query('delete from deliveries');
  });

  test('deletes incidents 400 days after they ended, with what was said of them, and none that lasts', async () => {
    await db.pool.query(
      `with a as (insert into alerts (kind, group_key, closed_at) select 'single', 'g', now() - d * interval '1 day' from unnest(array[401, 399]) d
        returning id, closed_at)
      insert into incidents (kind, reason, closed_at, alert_id) select 'k', 'r', closed_at, id from a
      union all select 'k', 'r', null, null`,
    );
    start();
    await expect.poll(() => countOf('incidents'), patient).toBe(2);
    await expect.poll(() => countOf('alerts'), patient).toBe(1);
    await db.pool.query('delete from incidents');
    await db.pool.query('delete from alerts');
  });

  test('deletes the events of sites that went 400 days ago, and of no other', async () => {
    await makeSites(3, 401, 900);
    const kept = [...(await makeSites(2, 399, 5)), ...(await makeSites(2, null, 5))];
    start();
    await expect.poll(() => countOf('site_events'), patient).toBe(20);
    expect(await countOf('sites', 'events_pruned_at is not null')).toBe(3);
    const { rows } = await db.pool.query<{ site_id: string }>('select distinct site_id from site_events');
    expect(rows.map((row) => row.site_id).sort()).toEqual(kept.sort());
  });

  test('works in batches of 1000 rows, and gets through sites without events', async () => {
    await makeKeys(1001, 40);
    await makeSites(1, 500, 1001);
    await makeSites(150, 450, 0);
    expect(await pruneBatch(db)).toEqual({
      idempotencyKeys: 1000,
      deliveries: 0,
      incidents: 0,
      signIn: 0,
      events: 1000,
      more: true,
    });
    expect(await pruneBatch(db)).toEqual({
      idempotencyKeys: 1,
      deliveries: 0,
      incidents: 0,
      signIn: 0,
      events: 1,
      more: true,
    });
    expect(await pruneBatch(db)).toEqual({
      idempotencyKeys: 0,
      deliveries: 0,
      incidents: 0,
      signIn: 0,
      events: 0,
      more: false,
    });
    expect(await countOf('sites', 'events_pruned_at is null')).toBe(0);
  });

  test('is done by one process at a time', async () => {
    await makeKeys(10, 40);
    const other = await db.pool.connect();
    try {
      await other.query('begin');
      await other.query('select pg_advisory_xact_lock(726004)');
      expect(await pruneBatch(db)).toBeUndefined();
      expect(await countOf('idempotency_keys')).toBe(10);
    } finally {
      await other.query('rollback');
      other.release();
    }
    for (let process = 0; process < 3; process += 1) start();
    await expect.poll(() => countOf('idempotency_keys'), patient).toBe(0);
  });

  test('reads neither table from end to end', async () => {
    await makeKeys(5000, 1);
    await makeSites(300, null, 20);
    await makeSites(300, 10, 20);
    await db.pool.query('analyze');
    const plans: string[] = [];
    const noting: Database = {
      ...db,
      transaction: (work) =>
        db.transaction(async (client) => {
          const query = client.query.bind(client);
          const explaining = Object.create(client, {
            query: {
              value: async (statement: { text: string; values?: unknown[] }) => {
                const { rows } = await query(`explain ${statement.text}`, statement.values ?? []);
                plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
                return query(statement.text, statement.values ?? []);
              },
            },
          });
          return work(explaining);
        }),
    };
    await pruneBatch(noting);
    expect(plans).toHaveLength(11);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (idempotency_keys|site_events|sites)/);
  });

  test('stops at once, and goes on after a failure', async () => {
    await makeKeys(5, 40);
    let failures = 0;
    const failing: Database = {
      ...db,
      transaction: (work) => {
        failures += 1;
        return failures < 3 ? Promise.reject(new Error('away')) : db.transaction(work);
      },
    };
    stops.push(startHousekeeping({ db: failing, clock: systemClock, log: silentLog, everyMs: 5 }));
    await expect.poll(() => countOf('idempotency_keys'), patient).toBe(0);
    const idle = startHousekeeping({ db, clock: systemClock, log: silentLog });
    await idle();
  });
});
