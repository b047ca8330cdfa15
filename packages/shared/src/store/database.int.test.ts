import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SilentProxy, startSilentProxy } from '../testing/silent-proxy.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';

const one = { name: 'database-test-one', text: 'select 1 as n' };

describe('the database', () => {
  let made: TestDatabase;
  let proxy: SilentProxy;
  let db: Database;

  beforeAll(async () => {
    made = await makeTestDatabase();
    proxy = await startSilentProxy(made.url);
    db = openDatabase({ url: proxy.url, max: 2, onIdleError: () => undefined });
  });
  afterAll(async () => {
    await db.close();
    await proxy.close();
    await made.drop();
  });

  test('gives a statement up that is not answered, in a transaction or not, and goes on when the network does', async () => {
    const impatient = openDatabase({ url: proxy.url, max: 2, queryTimeoutMs: 2000, onIdleError: () => undefined });
    const connections = await Promise.all([impatient.pool.connect(), impatient.pool.connect()]);
    for (const connection of connections) connection.release();
    proxy.silence(true);
    await expect(impatient.run(one, [])).rejects.toThrow(/timeout/i);
    await expect(impatient.transaction((client) => client.query(one))).rejects.toThrow(/timeout/i);
    proxy.silence(false);
    expect(await impatient.run(one, [])).toEqual([{ n: 1 }]);
    expect(await impatient.transaction(async (client) => (await client.query(one)).rows)).toEqual([{ n: 1 }]);
    await impatient.close();
  });

  test('runs a transaction once more as a whole after a deadlock, and keeps nothing of the first try', async () => {
    await db.pool.query('create table numbers (n int)');
    let tries = 0;
    await db.transaction(async (client) => {
      tries += 1;
      await client.query('insert into numbers values ($1)', [tries]);
      if (tries === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
    });
    expect((await db.pool.query('select n from numbers')).rows).toEqual([{ n: 2 }]);
  });

  test('keeps nothing of a transaction that fails, and its connection is fit for the next', async () => {
    await db.pool.query('create table kept (n int)');
    const failing = db.transaction(async (client) => {
      await client.query('insert into kept values (1)');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await db.pool.query('select n from kept')).rows).toEqual([]);
  });

  test('fails a transaction whose connection breaks between two statements, and nothing else', async () => {
    const breaking = db.transaction(async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await db.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await client.query(one);
    });
    await expect(breaking).rejects.toThrow();
    expect(await db.run(one, [])).toEqual([{ n: 1 }]);
  });
});
