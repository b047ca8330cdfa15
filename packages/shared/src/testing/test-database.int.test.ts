import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { makeTestDatabase } from './test-database.ts';

async function ask(url: string, text: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('makeTestDatabase', () => {
  test('makes migrated databases that know nothing of each other, many at once', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => makeTestDatabase()));
    try {
      await Promise.all(
        made.map(({ url }) =>
          ask(url, `insert into customers (external_id, name, email) values ('c', 'C', 'c@example.org')`),
        ),
      );
      const counts = await Promise.all(made.map(({ url }) => ask(url, 'select count(*)::int as n from customers')));
      expect(counts.flat()).toEqual(made.map(() => ({ n: 1 })));
    } finally {
      await Promise.all(made.map((one) => one.drop()));
    }
  });

  test('drops a database that somebody is still connected to', async () => {
    const { url, drop } = await makeTestDatabase();
    const client = new pg.Client({ connectionString: url });
    const cut = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await drop();
    await cut;
    const name = new URL(url).pathname.slice(1);
    expect(await ask(inject('testServerUrl'), `select 1 from pg_database where datname = '${name}'`)).toEqual([]);
  });

  test('makes an empty one when asked', async () => {
    const { url, drop } = await makeTestDatabase({ empty: true });
    expect(await ask(url, `select to_regclass('sites') as sites`)).toEqual([{ sites: null }]);
    await drop();
  });
});
