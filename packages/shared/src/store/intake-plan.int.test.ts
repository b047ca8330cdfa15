import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeApiKey, newOrder } from '../testing/new-order.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase, type Statement } from './database.ts';
import { takeOrder } from './intake.ts';

const ROWS = 20_000;

describe('takeOrder, with many orders stored,', () => {
  let db: Database;
  let drop: () => Promise<void>;
  let apiKeyId: string;
  /** a database that notes which statements the store sends */
  let noting: Database;
  const sent = new Map<string, { statement: Statement; values: readonly unknown[] }>();

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
    apiKeyId = await makeApiKey(db);
    noting = {
      ...db,
      run: (statement, values) => {
        sent.set(statement.name, { statement, values });
        return db.run(statement, values);
      },
    };
    await fill();
    const one = newOrder(apiKeyId, {
      customer: { externalId: 'customer_7', name: 'Seven', email: 'seven@example.org' },
    });
    await takeOrder(noting, one);
    await takeOrder(noting, one);
    await takeOrder(noting, newOrder(apiKeyId, { orderId: 'order_8' }));
    await takeOrder(noting, newOrder(apiKeyId, { domain: 'site9.example' }));
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  async function fill(): Promise<void> {
    await db.pool.query(
      `with c as (
        insert into customers (external_id, name, email) select 'customer_' || n, 'Max', 'max@example.org' from generate_series(1, ${ROWS}) n
        returning id, external_id, split_part(external_id, '_', 2)::int as n
      ), o as (
        insert into orders (external_id, customer_id, fingerprint) select 'order_' || n, id, 'f' from c
        returning id, customer_id, split_part(external_id, '_', 2)::int as n
      ), s as (
        insert into sites (key, slug, ordinal, customer_id, order_id, domain, domain_unicode, image, license_key_enc)
        select 'customer_' || n, 'slug' || n, 1, customer_id, id, 'site' || n || '.example', 'site' || n || '.example', 'i', 'x' from o
        returning id, domain
      ), h as (
        insert into site_hostnames (site_id, name, kind)
        select s.id, p.prefix || s.domain, p.kind from s, (values ('', 'apex'), ('www.', 'www')) as p (prefix, kind)
      )
      insert into idempotency_keys (api_key_id, key, fingerprint, status, response) select $1, 'key' || n, 'f', 202, '{}' from o`,
      [apiKeyId],
    );
    await db.pool.query('analyze');
  }

  async function plansOf({ text }: Statement, values: readonly unknown[]): Promise<string[]> {
    const own = await db.pool.query(`explain ${text}`, [...values]);
    const shared = await db.pool.query(`explain (generic_plan) ${text}`);
    return [own, shared].map(({ rows }) => rows.map((row) => row['QUERY PLAN']).join('\n'));
  }

  test('reads each table by an index, whatever the answer', async () => {
    expect([...sent.keys()].sort()).toEqual([
      'intake-read-holder',
      'intake-read-key',
      'intake-read-order',
      'intake-take',
    ]);
    for (const { statement, values } of sent.values()) {
      for (const plan of await plansOf(statement, values)) {
        expect(plan, `${statement.name}\n${plan}`).not.toMatch(
          /Seq Scan on (sites|orders|site_hostnames|idempotency_keys|customers)/,
        );
      }
    }
  });
});
