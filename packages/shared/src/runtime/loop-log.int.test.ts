import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settled } from '../domain/outcome.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { makeProtocol } from '../store/protocol.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { systemChance } from './chance.ts';
import { systemClock } from './clock.ts';
import { noHints } from './hints.ts';
import { makeLog, silentLog } from './log.ts';
import { makeLoop } from './loop.ts';
import { openQueues, type Queues } from './queues.ts';
import type { Reconciler } from './reconciler.ts';
import { Secret } from './secret.ts';

type Line = Record<string, unknown>;

const REQUEST = 'request-0001';
const patient = { timeout: 60_000, interval: 20 };

describe('what is logged of a look', () => {
  let made: TestDatabase;
  let db: Database;
  let queues: Queues;

  beforeAll(async () => {
    made = await makeTestDatabase();
    db = openDatabase({ url: made.url });
    queues = await openQueues({ databaseUrl: new Secret(made.url), log: silentLog });
  });
  afterAll(async () => {
    await queues.close();
    await db.close();
    await made.drop();
  });

  /** A loop of a host's worker, whose timer is off, and all the lines that it writes. */
  function loopOf(zone: Reconciler) {
    const lines: Line[] = [];
    const destination = new Writable({
      write(piece: Buffer, _encoding, done) {
        for (const line of piece.toString().split('\n')) if (line !== '') lines.push(JSON.parse(line));
        done();
      },
    });
    const log = makeLog('tests', 'debug', destination).child({ hostId: 'one' });
    const by = { hints: noHints, clock: systemClock, chance: systemChance, log, owner: 'me' };
    const loop = makeLoop({ protocol: makeProtocol(db), serves: { domain: { zone } }, ...by });
    return { loop, said: (msg: string) => lines.filter((line) => line.msg === msg) };
  }

  /** A condition that a request woke, and whose it is. */
  async function woken() {
    const [row] = await makeConditions(db);
    if (!row) throw new Error('no condition made');
    await db.pool.query('update site_conditions set cause_id = $2 where id = $1', [row.conditionId, REQUEST]);
    const text = `select s.key as "siteKey", o.external_id as "orderId" from sites s join orders o on o.id = s.order_id where s.id = $1`;
    const [of] = (await db.pool.query<{ siteKey: string; orderId: string }>(text, [row.siteId])).rows;
    return { conditionId: row.conditionId, of: { ...of, requestId: REQUEST, hostId: 'one', service: 'tests' } };
  }

  test('names order, site, host, request and job, in the lines of the reconciler as well', async () => {
    const { conditionId, of } = await woken();
    const { loop, said } = loopOf(async ({ log }) => {
      log.info('looked');
      return settled('Fine');
    });
    await queues.hint('domain', [conditionId]);
    const stop = await queues.serve('domain', 1, loop.run);
    await expect.poll(() => said('condition recorded'), patient).toHaveLength(1);
    await expect.poll(() => queues.open('domain').getCompletedCount(), patient).toBe(1);
    const [job] = await queues.open('domain').getCompleted();
    expect(job?.id).toBeDefined();
    for (const line of ['looked', 'condition recorded']) {
      expect(said(line), line).toMatchObject([{ ...of, jobId: job?.id, aspect: 'zone' }]);
    }
    await stop();
  });

  test('names them when it fails too, and no job where a timer began it', async () => {
    const { of } = await woken();
    const { loop, said } = loopOf(() => Promise.reject(new Error('away')));
    await loop.settle();
    const [failed] = said('reconcile failed, trying again');
    expect(failed).toMatchObject(of);
    expect(failed).not.toHaveProperty('jobId');
  });
});
