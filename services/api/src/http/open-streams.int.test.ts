import { BerthError } from '@berth/shared/errors/berth-error';
import { silentLog } from '@berth/shared/runtime/log';
import type { Database, Statement } from '@berth/shared/store/database';
import { makeHandClock } from '@berth/shared/testing/hand-clock';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedInAs, signedInCustomer, type TestBrowser } from '../testing/browser.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';
import type { Caller } from './caller.ts';
import { makeOpenStreams, type OpenStream } from './open-streams.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** Streams over a database whose statements are counted. */
function openStreams(db: Database) {
  const clock = makeHandClock();
  const asked: string[] = [];
  const answers: Promise<unknown>[] = [];
  const counted: Database = {
    ...db,
    run<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]) {
      asked.push(statement.name);
      const answer = db.run<Row>(statement, values);
      answers.push(answer.catch(() => undefined));
      return answer;
    },
  };
  const streams = makeOpenStreams({ db: counted, clock, log: silentLog, most: 100 });
  let whole = 0;
  const maybe = { refused: false };
  return {
    maybe,
    open: (caller: Caller, site?: string) =>
      streams.open({
        caller,
        site,
        stillMay: async () => {
          whole += 1;
          if (maybe.refused) throw new BerthError('auth.forbidden', 'no more');
        },
      }),
    stop: streams.stop,
    /** One look at all. @returns the statements it took, and how many were looked at as a new request would be */
    async look() {
      asked.length = 0;
      whole = 0;
      clock.pass(2000);
      await expect.poll(() => asked.length).toBeGreaterThan(0);
      // What follows from them is done before the next turn of the event loop.
      await Promise.all(answers.splice(0));
      await new Promise((resolve) => setImmediate(resolve));
      return { asked: [...asked], whole };
    },
  };
}

async function callerOf(browser: TestBrowser): Promise<Caller> {
  const { user, session, impersonatedBy } = (await browser.ask('GET', '/v1/me')).body;
  const kind = user.role === 'customer' ? 'customer' : 'user';
  const signedIn = { ...session, sessionId: session.id, token: '', impersonatedBy, user };
  return { id: `user:${user.id}`, name: user.email, kind, scopes: [], session: signedIn };
}

const isOpen = ({ ended }: OpenStream) => !ended.aborted;

describe('open streams', () => {
  test('are looked at together by one statement, and each by itself only once something changed', async () => {
    const { db } = api.context;
    const [one, other] = [await signedInCustomer(api), await signedInCustomer(api)];
    const operator = await callerOf(await signedInAs(api, 'operator'));
    const streams = openStreams(db);
    const [first, second] = [await callerOf(one.browser), await callerOf(other.browser)];
    const firsts = Array.from({ length: 20 }, () => streams.open(first, one.site));
    const seconds = Array.from({ length: 20 }, () => streams.open(second, other.site));
    const thirds = Array.from({ length: 20 }, () => streams.open(operator));
    const all = [...firsts, ...seconds, ...thirds];
    expect(await streams.look()).toEqual({ asked: ['session-standings'], whole: all.length });
    expect(await streams.look()).toEqual({ asked: ['session-standings'], whole: 0 });
    expect(all.every(isOpen)).toBe(true);

    await db.pool.query(`update customers set email = 'new@example.org' where external_id = $1`, [other.customer]);
    streams.maybe.refused = true;
    expect(await streams.look()).toEqual({ asked: ['session-standings'], whole: seconds.length });
    expect([firsts, seconds, thirds].map((some) => some.some(isOpen))).toEqual([true, false, true]);

    expect((await one.browser.ask('DELETE', '/v1/session')).status).toBe(200);
    expect(await streams.look()).toEqual({ asked: ['session-standings'], whole: 0 });
    expect([firsts, thirds].map((some) => some.some(isOpen))).toEqual([false, true]);
    streams.stop();
  });

  test.each([
    ['a role', `update users set role = 'viewer' where id = $1`],
    ['an address', `update users set email = 'x-' || email where id = $1`],
    ['a second factor', `update users set two_factor_enabled = true where id = $1`],
    ['being let in at all', `update users set banned = true where id = $1`],
  ])('are looked at anew when %s changes', async (_what, change) => {
    const streams = openStreams(api.context.db);
    const caller = await callerOf(await signedInAs(api, 'operator'));
    streams.open(caller);
    await streams.look();
    expect(await streams.look()).toMatchObject({ whole: 0 });
    await api.context.db.pool.query(change, [caller.session?.user.id]);
    expect(await streams.look()).toMatchObject({ whole: 1 });
    streams.stop();
  });

  test('end together when nobody can say who may read them', async () => {
    const { db } = api.context;
    const lost: Database = { ...db, run: () => Promise.reject(new Error('away')) };
    const streams = openStreams(lost);
    const stream = streams.open(await callerOf(await signedInAs(api, 'viewer')));
    await streams.look();
    expect(isOpen(stream)).toBe(false);
    streams.stop();
  });
});
