import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase, type Statement } from './database.ts';
import { type Finding, makeProtocol, type Protocol } from './protocol.ts';
import * as sql from './protocol-sql.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  status: 'true',
  reason: 'Fine',
  message: '',
  generation: 1,
  tries: 0,
  nextMs: null,
  gone: false,
  ...more,
});

describe('the protocol', () => {
  let db: Database;
  let protocol: Protocol;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 30 });
    protocol = makeProtocol(db);
  });
  afterEach(() => db.pool.query('update site_conditions set due_at = null, lease_owner = null, lease_until = null'));
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const makeOne = async (aspect?: string) => {
    const [one] = await makeConditions(db, { aspect });
    if (!one) throw new Error('no condition made');
    return one;
  };
  const claimOne = async (id: string, owner = 'w1') => {
    const claimed = await protocol.claim(id, owner, 30_000);
    if (!claimed) throw new Error('not claimed');
    return claimed;
  };
  const rowOf = async (id: string) => {
    const { rows } = await db.pool.query('select *, due_at <= now() as due from site_conditions where id = $1', [id]);
    return rows[0];
  };

  test('never lets two workers hold one row', async () => {
    const { conditionId } = await makeOne();
    const claims = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        n % 2
          ? protocol.claim(conditionId, `w${n}`, 30_000)
          : protocol.claimDue('domain', `w${n}`, 30_000, 5).then((rows) => rows[0]),
      ),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test('claims nothing that is not due', async () => {
    const { conditionId } = await makeOne();
    const claimed = await claimOne(conditionId);
    await protocol.record(claimed, 'w1', finding({ nextMs: 60_000 }));
    expect(await protocol.claim(conditionId, 'w1', 30_000)).toBeUndefined();
    expect((await rowOf(conditionId)).due).toBe(false);
  });

  test('looks less often at what waits for the same thing for long, and as often as before once that changes', async () => {
    const { conditionId } = await makeOne();
    const waitAfter = async (reason: string) => {
      await db.pool.query('update site_conditions set due_at = now() where id = $1', [conditionId]);
      await protocol.record(await claimOne(conditionId), 'w1', finding({ status: 'false', reason, nextMs: 500 }));
      const { rows } = await db.pool.query(
        'select extract(epoch from due_at - observed_at)::float8 as s from site_conditions where id = $1',
        [conditionId],
      );
      return rows[0].s;
    };
    const age = (seconds: number) =>
      db.pool.query(`update site_conditions set changed_at = now() - $2 * interval '1 s' where id = $1`, [
        conditionId,
        seconds,
      ]);
    expect(await waitAfter('ConnectingToEdge')).toBeCloseTo(0.5, 1);
    await age(100);
    expect(await waitAfter('ConnectingToEdge')).toBeCloseTo(10, 0);
    await age(86_400);
    expect(await waitAfter('ConnectingToEdge')).toBeCloseTo(30, 0);
    expect(await waitAfter('Another')).toBeCloseTo(0.5, 1);
  });

  test('makes a row that was woken in the middle of its reconcile due again', async () => {
    const { siteId, conditionId } = await makeOne();
    const claimed = await claimOne(conditionId);
    expect(await protocol.wake(siteId, ['zone'])).toEqual([{ conditionId, queue: 'domain' }]);
    expect(await protocol.claim(conditionId, 'w2', 30_000)).toBeUndefined();
    expect(await protocol.record(claimed, 'w1', finding())).toMatchObject({ due: true });
    expect((await rowOf(conditionId)).due).toBe(true);
    const again = await claimOne(conditionId);
    expect(await protocol.record(again, 'w1', finding())).toMatchObject({ due: false, changed: false });
    expect((await rowOf(conditionId)).due_at).toBeNull();
  });

  test('writes nothing for one that slept past its lease', async () => {
    const { conditionId } = await makeOne();
    const sleeper = await claimOne(conditionId, 'sleeper');
    await db.pool.query(`update site_conditions set lease_until = now() - interval '1 s' where id = $1`, [conditionId]);
    const next = await claimOne(conditionId, 'next');
    expect(Number(next.leaseNo)).toBe(Number(sleeper.leaseNo) + 1);
    expect(await protocol.renew(sleeper, 'sleeper', 30_000)).toBe(false);
    expect(await protocol.record(sleeper, 'sleeper', finding({ reason: 'Late' }))).toBeUndefined();
    expect(await protocol.record(next, 'next', finding({ reason: 'InTime' }))).toBeDefined();
    expect((await rowOf(conditionId)).reason).toBe('InTime');
  });

  test('wakes those who wait when a condition becomes true or is gone, and nobody otherwise', async () => {
    const { siteId, conditionId } = await makeOne();
    const { rows } = await db.pool.query(
      `insert into site_conditions (site_id, aspect, queue, due_at) values ($1, 'tunnel', 'edge', null), ($1, 'route', 'edge', null) returning id, aspect`,
      [siteId],
    );
    const tunnel = rows.find((row) => row.aspect === 'tunnel').id;
    const first = await protocol.record(
      await claimOne(conditionId),
      'w1',
      finding({ status: 'false', reason: 'NotYet' }),
    );
    expect(first?.woken).toEqual([]);
    await protocol.wakeOne(conditionId);
    const second = await protocol.record(await claimOne(conditionId), 'w1', finding());
    expect(second?.woken).toEqual([{ conditionId: tunnel, queue: 'edge' }]);
    await protocol.wakeOne(conditionId);
    expect((await protocol.record(await claimOne(conditionId), 'w1', finding()))?.woken).toEqual([]);
  });

  test('numbers the events of a site without gaps, however many write at once', async () => {
    const { siteId } = await makeOne();
    const aspects = ['placement', 'tunnel', 'policy', 'route', 'reachable'];
    for (const aspect of aspects) {
      await db.pool.query(`insert into site_conditions (site_id, aspect, queue) values ($1, $2, 'edge')`, [
        siteId,
        aspect,
      ]);
    }
    const rounds = Array.from({ length: 8 }, async (_, n) => {
      for (const claimed of await protocol.claimDue('edge', `w${n}`, 30_000, 1)) {
        await protocol.record(claimed, `w${n}`, finding({ reason: `Round${n}`, nextMs: 0 }));
      }
    });
    await Promise.all(rounds);
    const { rows } = await db.pool.query('select seq::int from site_events where site_id = $1 order by seq', [siteId]);
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
    expect(rows.length).toBeGreaterThan(4);
  });

  test('says once that a site went live, and closes it with the last of its conditions', async () => {
    const { siteId, conditionId } = await makeOne('reachable');
    await db.pool.query(
      `update sites set created_at = now() - interval '1 hour', zone_active_at = now() - interval '10 s' where id = $1`,
      [siteId],
    );
    const first = await protocol.record(await claimOne(conditionId), 'w1', finding());
    expect(first?.wentLive?.order).toBeGreaterThanOrEqual(3600);
    expect(first?.wentLive?.active).toBeGreaterThanOrEqual(10);
    await protocol.wakeOne(conditionId);
    await protocol.record(await claimOne(conditionId), 'w1', finding({ status: 'false', reason: 'Down' }));
    await protocol.wakeOne(conditionId);
    expect((await protocol.record(await claimOne(conditionId), 'w1', finding()))?.wentLive).toBeNull();
    const events = await db.pool.query(`select type from site_events where site_id = $1 and type = 'order.live'`, [
      siteId,
    ]);
    expect(events.rowCount).toBe(1);

    await db.pool.query(`insert into site_hostnames (site_id, name, kind) values ($1, $2, 'apex')`, [
      siteId,
      `${siteId}.org`,
    ]);
    const zone = await db.pool.query(
      `insert into site_conditions (site_id, aspect, queue) values ($1, 'zone', 'domain') returning id`,
      [siteId],
    );
    await db.pool.query(`update sites set wanted = 'deleted' where id = $1`, [siteId]);
    const close = async (id: string) =>
      protocol.record(await claimOne(id), 'w1', finding({ status: 'false', reason: 'Gone', gone: true }));
    const goneAt = async () =>
      (await db.pool.query('select gone_at from sites where id = $1', [siteId])).rows[0]?.gone_at;
    await protocol.wakeOne(conditionId);
    await close(conditionId);
    expect(await goneAt()).toBeNull();
    await close(zone.rows[0].id);
    const site = await db.pool.query('select gone_at, live_at from sites where id = $1', [siteId]);
    expect(site.rows[0].gone_at).not.toBeNull();
    expect(site.rows[0].live_at).not.toBeNull();
    const open = await db.pool.query('select 1 from site_hostnames where site_id = $1 and gone_at is null', [siteId]);
    expect(open.rowCount).toBe(0);
    expect(await protocol.wake(siteId, ['zone'])).toEqual([]);
  });

  test('works off 5,000 rows due at once without a statement that scans the table', async () => {
    await makeConditions(db, { count: 20_000, queue: 'elsewhere' });
    await db.pool.query(`update site_conditions set due_at = null where queue = 'elsewhere'`);
    await makeConditions(db, { count: 5000, queue: 'crowd' });
    await db.pool.query('analyze site_conditions');
    const id = (await db.pool.query(`select id, site_id from site_conditions where queue = 'crowd' limit 1`)).rows[0];
    const plans: [Statement, unknown[]][] = [
      [sql.claim, [id.id, 'w', 30_000]],
      [sql.claimDue, ['crowd', 'w', 30_000, 20]],
      [sql.nextDue, ['crowd', 5000]],
      [sql.context, [id.site_id]],
      [sql.wake, [id.site_id, ['zone'], null]],
      [sql.record, [id.id, id.site_id, '1', 'w', 'true', 'Fine', '', 1, 0, '0', null, false, ['placement']]],
    ];
    for (const [statement, values] of plans) {
      const { rows } = await db.pool.query(`explain ${statement.text}`, values);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan, `${statement.name}\n${plan}`).not.toMatch(/Seq Scan on (site_conditions|sites|site_events)/);
    }
    let worked = 0;
    const worker = async (owner: string) => {
      for (;;) {
        const rows = await protocol.claimDue('crowd', owner, 30_000, 50);
        if (rows.length === 0) return;
        await Promise.all(rows.map((row) => protocol.record(row, owner, finding())));
        worked += rows.length;
      }
    };
    await Promise.all(['a', 'b', 'c'].map(worker));
    expect(worked).toBe(5000);
  });
});
