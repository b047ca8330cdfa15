import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { dropOldHealth, ensureHealthPartitions } from './health-partitions.ts';
import { makeSweeps, offsetOf } from './health-sweeps.ts';

let made: TestDatabase;
let db: Database;

beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
});
afterAll(async () => {
  await db.close();
  await made.drop();
});
beforeEach(async () => {
  await db.pool.query('delete from health_sweeps');
});

const host = async (id: string) => db.pool.query('insert into hosts (id) values ($1) on conflict do nothing', [id]);
const makeDue = (ms: number) => db.pool.query(`update health_sweeps set due_at = now() - $1 * interval '1 ms'`, [ms]);
const sweeps = (intervalMs = 60_000) => makeSweeps(db, { hostId: 'one', kind: 'host', intervalMs });

describe('makeSweeps', () => {
  test('waits for a host that nobody has registered', async () => {
    expect(await makeSweeps(db, { hostId: 'nobody', kind: 'host', intervalMs: 1000 }).untilDueMs()).toBeUndefined();
  });

  test('is due within the interval, and for one process at a time', async () => {
    await host('one');
    const mine = sweeps();
    const ms = await mine.untilDueMs();
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(60_000);
    await makeDue(0);
    const claims = await Promise.all([mine.claim('me', 30_000), sweeps().claim('you', 30_000)]);
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await mine.claim('me', 30_000)).toBeUndefined();
  });

  test('never overlaps itself: a sweep that takes longer than the interval keeps the next one waiting', async () => {
    await host('one');
    await sweeps().untilDueMs();
    await makeDue(0);
    const lease = await sweeps().claim('me', 30_000);
    await makeDue(0);
    expect(await sweeps().claim('you', 30_000)).toBeUndefined();
    if (!lease) throw new Error('not claimed');
    await sweeps().finish(lease, { checked: 3, failing: 1, durationMs: 70_000, error: null });
    expect(await sweeps().claim('you', 30_000)).toBeDefined();
  });

  test('counts what began late', async () => {
    await host('one');
    await sweeps().untilDueMs();
    await makeDue(20_000);
    expect((await sweeps().claim('me', 1))?.lagMs).toBeGreaterThanOrEqual(20_000);
    const { rows } = await db.pool.query('select sweeps, late_sweeps from health_sweeps');
    expect(rows).toEqual([{ sweeps: '1', late_sweeps: '1' }]);
  });

  test('a sweep that begins a little early is not due again at its time', async () => {
    await host('one');
    // Of a day's sweeps none falls into the seconds that this takes, where one of a minute's might.
    const daily = sweeps(86_400_000);
    await daily.untilDueMs();
    await makeDue(-200);
    const lease = await daily.claim('me', 30_000);
    if (!lease) throw new Error('not claimed');
    await daily.finish(lease, { checked: 0, failing: 0, durationMs: 1, error: null });
    expect(await daily.untilDueMs()).toBeGreaterThan(300);
  });

  test('is due again after half an interval when something has begun to fail, and at its own time after that', async () => {
    await host('one');
    await sweeps().untilDueMs();
    await makeDue(0);
    const first = await sweeps().claim('me', 30_000);
    if (!first) throw new Error('not claimed');
    await db.pool.query(`update health_sweeps set due_at = now() + interval '1 hour'`);
    await sweeps().finish(first, { checked: 1, failing: 1, durationMs: 1, error: null, unsure: true });
    const soon = (await sweeps().untilDueMs()) ?? 0;
    expect(soon).toBeGreaterThan(20_000);
    expect(soon).toBeLessThanOrEqual(30_000);
    await makeDue(0);
    const second = await sweeps().claim('me', 30_000);
    if (!second) throw new Error('not claimed');
    const { rows } = await db.pool.query<{ slot: number }>(
      'select (extract(epoch from due_at) * 1000)::float8 as slot from health_sweeps',
    );
    expect((rows[0]?.slot ?? 0) % 60_000).toBe(offsetOf('one', 60_000));
  });

  test('comes within an interval though the clock was set back by an hour in the middle of one', async () => {
    await host('one');
    await sweeps().untilDueMs();
    await makeDue(0);
    await sweeps().claim('who died', 30_000);
    await db.pool.query(
      `update health_sweeps set due_at = due_at + interval '1 hour', lease_until = lease_until + interval '1 hour'`,
    );
    expect(await sweeps().untilDueMs()).toBeLessThanOrEqual(60_000);
  });

  test('whose lease was lost cannot finish', async () => {
    await host('one');
    await sweeps().untilDueMs();
    await makeDue(0);
    const lease = await sweeps().claim('me', -1);
    await makeDue(0);
    await sweeps().claim('you', 30_000);
    if (!lease) throw new Error('not claimed');
    expect(await sweeps().renew(lease, 30_000)).toBe(false);
    await sweeps().finish(lease, { checked: 9, failing: 9, durationMs: 1, error: null });
    const { rows } = await db.pool.query('select checked, lease_until is not null as held from health_sweeps');
    expect(rows).toEqual([{ checked: 0, held: true }]);
  });
});

describe('offsetOf', () => {
  test('spreads hosts over the interval', () => {
    const offsets = Array.from({ length: 50 }, (_, index) => offsetOf(`host-${index}`, 60_000));
    for (const offset of offsets) expect(offset).toBeLessThan(60_000);
    expect(new Set(offsets.map((offset) => Math.floor(offset / 10_000))).size).toBe(6);
  });
});

describe('health_checks', () => {
  test('has partitions for today and the days ahead, however many make them at once, and loses the old ones', async () => {
    await Promise.all([ensureHealthPartitions(db), ensureHealthPartitions(db)]);
    const names = async () =>
      (await db.pool.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'health'`))
        .rows;
    expect(await names()).toHaveLength(4);
    await db.pool.query(
      `create table health.checks_20200101 partition of health_checks for values from ('2020-01-01 00:00+00') to ('2020-01-02 00:00+00')`,
    );
    expect(await dropOldHealth(db, 14)).toEqual(['checks_20200101']);
    expect(await names()).toHaveLength(4);
  });
});
