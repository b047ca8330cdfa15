import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Check, fails, isOk } from '../domain/checks.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { readChecks } from '../store/service-checks.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { systemClock } from './clock.ts';
import { keepChecked } from './keep-checked.ts';
import { makeLog } from './log.ts';

const subject = { id: 'docker.version', title: 'Docker' };

describe('keepChecked', () => {
  let db: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  test('writes down what it finds, and logs what is wrong once until it is over', async () => {
    const logged: { level: string; msg: string; check?: string }[] = [];
    const log = makeLog('test', 'info', { write: (line) => logged.push(JSON.parse(line)) });
    const found: (Check[] | Error)[] = [
      [fails(subject, 'it is 1', 'update')],
      [fails(subject, 'it is 1', 'update')],
      new Error('unexpected'),
      [isOk(subject, '20')],
    ];
    let looks = 0;
    const stop = keepChecked({
      ...{ db, clock: systemClock, log, scope: 'cloudflare', subject: 'account', service: 'test', everyMs: 5 },
      run: async () => {
        const next = found[Math.min(looks, found.length - 1)] ?? [];
        looks += 1;
        if (next instanceof Error) throw next;
        return next;
      },
    });
    await expect.poll(async () => (await readChecks(db))[0]?.checks[0]?.status).toBe('ok');
    await stop();
    expect(logged.filter(({ check }) => check === subject.id).map(({ msg }) => msg)).toEqual([
      'check found something',
      'check is good again',
    ]);
    expect(await readChecks(db)).toMatchObject([{ scope: 'cloudflare', subject: 'account', overdue: false }]);
  });
});
