import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { settled } from '../domain/outcome.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { makeProtocol, type Protocol } from '../store/protocol.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { systemChance } from './chance.ts';
import { systemClock } from './clock.ts';
import { noHints } from './hints.ts';
import { silentLog } from './log.ts';
import { type Loop, makeLoop } from './loop.ts';
import type { Reconciler } from './reconciler.ts';

const patient = { timeout: 60_000, interval: 20 };

describe('the loop, when something fails,', () => {
  let db: Database;
  let protocol: Protocol;
  let drop: () => Promise<void>;
  let owners = 0;
  const open: Loop[] = [];

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 30, onIdleError: () => undefined });
    protocol = makeProtocol(db);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((loop) => loop.drain(1000)));
    await db.pool.query('update site_conditions set due_at = null, lease_owner = null, lease_until = null');
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  function loopOf(
    zone: Reconciler,
    more: { concurrency?: number; leaseMs?: number; queues?: readonly string[]; protocol?: Protocol } = {},
  ): Loop & { owner: string } {
    owners += 1;
    const owner = `loop${owners}`;
    const { queues = ['domain'], ...rest } = more;
    const serves = Object.fromEntries(queues.map((queue) => [queue, { zone }]));
    const loop = makeLoop({
      protocol,
      serves,
      hints: noHints,
      clock: systemClock,
      chance: systemChance,
      log: silentLog,
      owner,
      ...rest,
    });
    open.push(loop);
    return { ...loop, owner };
  }
  const one = async (queue = 'domain') => {
    const [made] = await makeConditions(db, { queue });
    if (!made) throw new Error('no condition made');
    return made;
  };
  const rowOf = async (id: string) =>
    (await db.pool.query('select * from site_conditions where id = $1', [id])).rows[0];
  const held = async (owner: string): Promise<number> =>
    (await db.pool.query('select from site_conditions where lease_owner = $1', [owner])).rowCount ?? 0;

  test('finds a row by itself whose hint was lost', async () => {
    const { siteId, conditionId } = await one();
    await db.pool.query('update site_conditions set due_at = null');
    loopOf(async () => settled('Found')).start();
    await protocol.wake(siteId, ['zone']);
    await expect.poll(async () => (await rowOf(conditionId)).reason, patient).toBe('Found');
  });

  test('takes the rows of a process that died once their lease is over, and not before', async () => {
    const { conditionId } = await one();
    const dead = await protocol.claim(conditionId, 'dead', 400);
    let early: boolean | undefined;
    loopOf(async () => {
      const { rows } = await db.pool.query<{ early: boolean }>(
        'select $1::bigint = lease_no as early from site_conditions where id = $2',
        [dead?.leaseNo, conditionId],
      );
      early = rows[0]?.early;
      return settled('TakenOver');
    }).start();
    await expect.poll(async () => (await rowOf(conditionId)).reason, patient).toBe('TakenOver');
    expect(early).toBe(false);
  });

  test('gives a queue its turn although another one has 10,000 rows due', async () => {
    await makeConditions(db, { count: 10_000, queue: 'long' });
    const { siteId } = await one('short');
    let worked = 0;
    const turn = new Promise<number>((resolve) => {
      const zone: Reconciler = async (work) => {
        worked += 1;
        await systemClock.wait(5);
        if (work.siteId === siteId) resolve(worked);
        return settled('Fine');
      };
      loopOf(zone, { queues: ['long', 'short'], concurrency: 5 }).start();
    });
    expect(await turn).toBeLessThan(100);
  });

  test('gives a row without a hint its turn although hints of others never stop', async () => {
    const crowd = await makeConditions(db, { count: 200, queue: 'hinted' });
    await db.pool.query(`update site_conditions set due_at = now() + interval '1 hour' where queue = 'hinted'`);
    const { siteId, conditionId } = await one('short');
    await db.pool.query('update site_conditions set due_at = null where id = $1', [conditionId]);
    let worked = 0;
    let over = false;
    const loop = loopOf(
      async (work) => {
        worked += 1;
        if (worked === 50) await protocol.wakeOne(conditionId);
        await systemClock.wait(5);
        if (work.siteId === siteId) over = true;
        return settled('Fine');
      },
      { queues: ['hinted', 'short'], concurrency: 2 },
    );
    const untilMs = systemClock.monotonicMs() + 120_000;
    const jobs = Array.from({ length: 30 }, async (_, n) => {
      for (let next = n; !over && systemClock.monotonicMs() < untilMs; next = (next + 30) % crowd.length) {
        const id = crowd[next]?.conditionId ?? '';
        await protocol.wakeOne(id);
        await loop.run(id);
      }
    });
    loop.start();
    await Promise.all(jobs);
    expect(over).toBe(true);
  });

  test('does nothing more outside once the database was away for longer than the lease, and another finishes', async () => {
    const { conditionId } = await one();
    let away = false;
    const cut: Protocol = {
      ...protocol,
      renew: (...args) => (away ? Promise.reject(new Error('away')) : protocol.renew(...args)),
      record: (...args) => (away ? Promise.reject(new Error('away')) : protocol.record(...args)),
    };
    const effects: string[] = [];
    const lonely = loopOf(
      async ({ lease }) => {
        await lease.assert();
        effects.push('first');
        away = true;
        await systemClock.wait(4000);
        await lease.assert();
        effects.push('second');
        return settled('ByTheLonely');
      },
      { leaseMs: 2000, protocol: cut },
    );
    await expect(lonely.run(conditionId)).rejects.toThrow('away');
    expect(effects).toEqual(['first']);
    loopOf(async () => settled('ByTheNext')).start();
    await expect.poll(async () => (await rowOf(conditionId)).reason, patient).toBe('ByTheNext');
  });

  test('drains within its time although a reconciler ignores its signal, and others can take over', async () => {
    const { conditionId } = await one();
    let begun = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let end = (): void => undefined;
    const deaf = loopOf(
      async () => {
        begun();
        await new Promise<void>((resolve) => {
          end = resolve;
        });
        return settled('ByTheDeaf');
      },
      { leaseMs: 1000 },
    );
    const run = deaf.run(conditionId).catch(() => undefined);
    await started;
    await deaf.drain(100);
    loopOf(async () => settled('ByTheNext')).start();
    await expect.poll(async () => (await rowOf(conditionId)).reason, patient).toBe('ByTheNext');
    end();
    await run;
    expect((await rowOf(conditionId)).reason).toBe('ByTheNext');
  });

  test('begins nothing any more once it drains, and hands back what it claims at that moment', async () => {
    const rows = await makeConditions(db, { count: 50 });
    let asked = (): void => undefined;
    const claiming = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow: Protocol = {
      ...protocol,
      async claimDue(...args) {
        const claimed = await protocol.claimDue(...args);
        asked();
        await answered;
        return claimed;
      },
      async claim(...args) {
        const claimed = await protocol.claim(...args);
        await answered;
        return claimed;
      },
    };
    let ran = 0;
    const loop = loopOf(
      async () => {
        ran += 1;
        return settled('Fine');
      },
      { protocol: slow, concurrency: 4 },
    );
    loop.start();
    await claiming;
    const jobs = rows.map((row) => loop.run(row.conditionId));
    const drained = loop.drain(5000);
    answer();
    await Promise.all([drained, ...jobs]);
    expect(ran).toBe(0);
    expect(await held(loop.owner)).toBe(0);
    const { rowCount } = await db.pool.query(`select from site_conditions where queue = 'domain' and due_at <= now()`);
    expect(rowCount).toBe(50);
  });
});
