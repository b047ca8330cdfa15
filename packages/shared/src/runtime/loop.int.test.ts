import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { again, blocked, gone, settled } from '../domain/outcome.ts';
import { BerthError } from '../errors/berth-error.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { makeProtocol, type Protocol } from '../store/protocol.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { systemChance } from './chance.ts';
import { systemClock } from './clock.ts';
import { noHints } from './hints.ts';
import { type Loop, makeLoop } from './loop.ts';
import type { Reconciler, Reconcilers } from './reconciler.ts';

const log = pino({ level: 'silent' });

describe('the loop', () => {
  let db: Database;
  let protocol: Protocol;
  let drop: () => Promise<void>;
  let owners = 0;
  const open: Loop[] = [];

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 30 });
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

  function loopOf(reconcilers: Reconcilers, more: { concurrency?: number; leaseMs?: number } = {}): Loop {
    owners += 1;
    const owner = `loop${owners}`;
    const serves = { domain: reconcilers };
    const loop = makeLoop({
      protocol,
      serves,
      hints: noHints,
      clock: systemClock,
      chance: systemChance,
      log,
      owner,
      ...more,
    });
    open.push(loop);
    return loop;
  }
  const one = async (aspect = 'zone') => {
    const [made] = await makeConditions(db, { aspect });
    if (!made) throw new Error('no condition made');
    return made;
  };
  const rowOf = async (id: string) =>
    (await db.pool.query('select * from site_conditions where id = $1', [id])).rows[0];

  test('records what the reconciler found', async () => {
    const { conditionId } = await one();
    const outcomes = [blocked('NotYet', 'wait for it'), settled('Fine')];
    const loop = loopOf({ zone: async () => outcomes.shift() ?? gone() });
    expect(await loop.settle()).toBe(1);
    expect(await rowOf(conditionId)).toMatchObject({
      status: 'false',
      reason: 'NotYet',
      message: 'wait for it',
      due_at: null,
    });
    await protocol.wakeOne(conditionId);
    await loop.run(conditionId);
    expect(await rowOf(conditionId)).toMatchObject({ status: 'true', reason: 'Fine', lease_owner: null });
  });

  test('runs a row that was woken in the middle of its reconcile again', async () => {
    const { siteId, conditionId } = await one();
    let runs = 0;
    const zone: Reconciler = async () => {
      runs += 1;
      if (runs === 1) await protocol.wake(siteId, ['zone']);
      return settled('Fine');
    };
    await loopOf({ zone }).settle();
    expect(runs).toBe(2);
    expect((await rowOf(conditionId)).due_at).toBeNull();
  });

  test('makes a condition wait for others without asking its reconciler', async () => {
    const { conditionId } = await one('placement');
    await loopOf({ placement: () => expect.unreachable() }).settle();
    expect(await rowOf(conditionId)).toMatchObject({
      status: 'false',
      reason: 'Waiting',
      message: 'waits for zone',
      due_at: null,
    });
  });

  test('backs off from what may pass, and leaves what a person must mend', async () => {
    const [passing, lasting] = [await one(), await one()];
    const zone: Reconciler = async ({ siteId }) => {
      if (siteId === lasting.siteId)
        throw new BerthError('secrets.unreadable', 'opening the secret of tunnel customer-x');
      throw new BerthError('cloudflare.rate-limited', 'listing zones', { retryAfterMs: 90_000 });
    };
    await loopOf({ zone }).settle();
    expect(await rowOf(lasting.conditionId)).toMatchObject({ reason: 'SecretsUnreadable', due_at: null, tries: 1 });
    const later = await db.pool.query(
      `select extract(epoch from due_at - now())::float8 as s, reason, tries from site_conditions where id = $1`,
      [passing.conditionId],
    );
    expect(later.rows[0]).toMatchObject({ reason: 'CloudflareRateLimited', tries: 1 });
    expect(later.rows[0].s).toBeGreaterThan(85);
  });

  test('hides an unexpected failure from the condition and throws it at the job', async () => {
    const { conditionId } = await one();
    const loop = loopOf({ zone: async () => Promise.reject(new Error('password hunter2')) });
    await expect(loop.run(conditionId)).rejects.toThrow('hunter2');
    const row = await rowOf(conditionId);
    expect(row.reason).toBe('InternalUnexpected');
    expect(row.message).not.toContain('hunter2');
  });

  test('does all the work by its timer when there is no queue at all', async () => {
    const made = await makeConditions(db, { count: 300 });
    const looks = new Map<string, number>();
    let done = 0;
    const finished = new Promise<void>((resolve) => {
      const zone: Reconciler = async ({ siteId }) => {
        const count = (looks.get(siteId) ?? 0) + 1;
        looks.set(siteId, count);
        if (count === 1) return again(5, 'OnceMore');
        done += 1;
        if (done === made.length) resolve();
        return settled('Fine');
      };
      loopOf({ zone }, { concurrency: 10 }).start();
    });
    await finished;
    expect([...looks.values()].every((count) => count === 2)).toBe(true);
  });

  test('lets two processes share the work, each row once', async () => {
    const made = await makeConditions(db, { count: 200 });
    const seen: string[] = [];
    const zone: Reconciler = async ({ siteId }) => {
      seen.push(siteId);
      return settled('Fine');
    };
    await Promise.all([loopOf({ zone }).settle(), loopOf({ zone }).settle()]);
    expect(seen.sort()).toEqual(made.map((row) => row.siteId).sort());
  });

  test('takes nothing over while a long reconcile renews its lease', async () => {
    const { conditionId } = await one();
    let running = 0;
    let most = 0;
    const zone: Reconciler = async ({ lease }) => {
      running += 1;
      most = Math.max(most, running);
      for (let step = 0; step < 10; step += 1) {
        await systemClock.wait(500);
        await lease.assert();
      }
      running -= 1;
      return settled('Fine');
    };
    const [first, second] = [loopOf({ zone }, { leaseMs: 4000 }), loopOf({ zone }, { leaseMs: 4000 })];
    const run = first.run(conditionId);
    for (let tries = 0; tries < 10; tries += 1) {
      await systemClock.wait(450);
      await second.settle();
    }
    await run;
    expect(most).toBe(1);
    expect((await rowOf(conditionId)).reason).toBe('Fine');
  });

  test('lets one that lost its lease do nothing more, and has the row looked at again', async () => {
    const { conditionId } = await one();
    let effects = 0;
    const zone: Reconciler = async ({ lease }) => {
      await lease.assert();
      effects += 1;
      if (effects > 1) return settled('ByTheNext');
      await db.pool.query(
        `update site_conditions set lease_no = lease_no + 1, lease_owner = 'other', lease_until = now() + interval '30 s' where id = $1`,
        [conditionId],
      );
      await systemClock.wait(1200);
      await lease.assert();
      effects += 100;
      return settled('ByTheSleeper');
    };
    await loopOf({ zone }, { leaseMs: 3000 }).run(conditionId);
    expect(effects).toBe(1);
    expect(await rowOf(conditionId)).toMatchObject({ reason: 'Queued', lease_owner: 'other', wakes: '1' });
  });

  test('hands back what is under way when it must stop', async () => {
    const { conditionId } = await one();
    let begun: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const zone: Reconciler = async ({ lease }) => {
      begun();
      await systemClock.wait(60_000, lease.signal);
      return settled('Fine');
    };
    const loop = loopOf({ zone });
    const run = loop.run(conditionId).catch(() => undefined);
    await started;
    await loop.drain(50);
    await run;
    const row = await db.pool.query('select due_at <= now() as due, lease_owner from site_conditions where id = $1', [
      conditionId,
    ]);
    expect(row.rows[0]).toEqual({ due: true, lease_owner: null });
  });
});
