import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeApiKey, newOrder } from '../testing/new-order.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { type Intake, type NewOrder, takeOrder } from './intake.ts';

const TABLES = [
  'customers',
  'orders',
  'sites',
  'site_hostnames',
  'site_conditions',
  'site_events',
  'releases',
  'operations',
  'idempotency_keys',
] as const;

describe('takeOrder', () => {
  let db: Database;
  let drop: () => Promise<void>;
  let apiKeyId: string;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 30 });
    apiKeyId = await makeApiKey(db);
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const order = (more: Partial<NewOrder> = {}) => newOrder(apiKeyId, more);
  /** as the api sends an order once more: ids that it makes itself are others each time */
  const again = (one: NewOrder, more: Partial<NewOrder> = {}): NewOrder => ({
    ...one,
    slug: randomBytes(5).toString('hex'),
    operationId: randomUUID(),
    causeId: randomUUID(),
    ...more,
  });
  const kinds = (answers: readonly Intake[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { kind } of answers) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  };
  const accepted = async (one: NewOrder): Promise<string> => {
    const answer = await takeOrder(db, one);
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return answer.siteKey;
  };
  async function countRows(): Promise<Record<string, number>> {
    const { rows } = await db.pool.query(
      `select ${TABLES.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ')}`,
    );
    return rows[0];
  }
  const end = (key: string) =>
    db.pool.query(
      `with gone as (update sites set wanted = 'deleted', gone_at = now() where key = $1 and gone_at is null returning id)
      update site_hostnames h set gone_at = now() from gone where h.site_id = gone.id`,
      [key],
    );

  test('stores all that an order makes, and hints at what can begin', async () => {
    const before = await countRows();
    const one = order();
    expect(await takeOrder(db, one)).toEqual({
      kind: 'accepted',
      siteKey: one.customer.externalId,
      hints: [{ conditionId: expect.any(String), queue: 'domain' }],
    });
    const after = await countRows();
    expect(Object.fromEntries(TABLES.map((table) => [table, (after[table] ?? 0) - (before[table] ?? 0)]))).toEqual({
      customers: 1,
      orders: 1,
      sites: 1,
      site_hostnames: 2,
      site_conditions: 6,
      site_events: 1,
      releases: 1,
      operations: 1,
      idempotency_keys: 1,
    });
    const { rows } = await db.pool.query(
      `select c.aspect, c.due_at is not null as due from site_conditions c join sites s on s.id = c.site_id where s.key = $1 and c.due_at is not null`,
      [one.customer.externalId],
    );
    expect(rows).toEqual([{ aspect: 'zone', due: true }]);
  });

  test('makes one site of an order that comes 50 times at once with one key', async () => {
    const one = order();
    const answers = await Promise.all(Array.from({ length: 50 }, () => takeOrder(db, again(one))));
    const { accepted: taken, 'in-flight': waiting = 0, replayed = 0, ...others } = kinds(answers);
    expect({ taken, others, all: 1 + waiting + replayed }).toEqual({ taken: 1, others: {}, all: 50 });
    const first = await takeOrder(db, again(one));
    expect(first).toMatchObject({ kind: 'replayed', same: true, response: { orderId: one.orderId } });
    for (const answer of answers) if (answer.kind === 'replayed') expect(answer).toEqual(first);
    const { rowCount } = await db.pool.query('select from sites where domain = $1', [one.domain]);
    expect(rowCount).toBe(1);
  });

  test('makes one site of an order that comes 50 times at once with 50 keys', async () => {
    const one = order();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => takeOrder(db, again(one, { idempotencyKey: `key ${n} of ${one.orderId}` }))),
    );
    expect(kinds(answers)).toEqual({ accepted: 1, 'order-exists': 49 });
    expect(answers.filter((answer) => answer.kind === 'order-exists' && !answer.same)).toEqual([]);
  });

  test('makes 20 sites of 20 orders that one customer sends at once, each with a key of its own', async () => {
    const { customer } = order();
    const orders = Array.from({ length: 20 }, () => order({ customer }));
    const keys = await Promise.all(orders.map(accepted));
    const expected = [customer.externalId, ...Array.from({ length: 19 }, (_, n) => `${customer.externalId}.${n + 2}`)];
    expect(keys.sort()).toEqual(expected.sort());
  });

  test('lets one win when two customers want one domain at once', async () => {
    const domain = order().domain;
    const answers = await Promise.all(Array.from({ length: 20 }, () => takeOrder(db, order({ domain }))));
    expect(kinds(answers)).toEqual({ accepted: 1, 'domain-in-use': 19 });
  });

  test("refuses a domain whose www is another's, and the other way round", async () => {
    const first = order();
    await accepted(order({ domain: `www.${first.domain}` }));
    expect(await takeOrder(db, first)).toEqual({ kind: 'domain-in-use' });
    const second = order();
    await accepted(second);
    expect(await takeOrder(db, order({ domain: `www.${second.domain}` }))).toEqual({ kind: 'domain-in-use' });
  });

  test('tells a key that is used for another order, and an order id with other content', async () => {
    const one = order();
    await accepted(one);
    expect(await takeOrder(db, order({ idempotencyKey: one.idempotencyKey }))).toMatchObject({
      kind: 'replayed',
      same: false,
    });
    expect(await takeOrder(db, order({ orderId: one.orderId, fingerprint: 'other' }))).toEqual({
      kind: 'order-exists',
      same: false,
    });
  });

  test('says that the former site is leaving, to its customer only, and gives the key again once it is gone', async () => {
    const one = order();
    const key = await accepted(one);
    await db.pool.query(`update sites set wanted = 'deleted' where key = $1`, [key]);
    const next = order({ customer: one.customer, domain: one.domain });
    expect(await takeOrder(db, next)).toEqual({ kind: 'leaving' });
    expect(await takeOrder(db, order({ domain: one.domain }))).toEqual({ kind: 'domain-in-use' });
    expect(await accepted(order({ customer: one.customer }))).toBe(`${key}.2`);
    await end(key);
    expect(await accepted(next)).toBe(key);
    expect(await accepted(order({ customer: one.customer }))).toBe(`${key}.3`);
  });

  test('stores nothing of what it refuses', async () => {
    const one = order();
    await accepted(one);
    const before = await countRows();
    const stranger = { externalId: 'customer_unknown', name: 'Nobody', email: 'nobody@example.org' };
    await takeOrder(db, order({ domain: one.domain, customer: stranger }));
    await takeOrder(db, order({ orderId: one.orderId, customer: { ...one.customer, name: 'Somebody else' } }));
    await takeOrder(db, again(one, { customer: { ...one.customer, name: 'Somebody else' } }));
    await expect(takeOrder(db, order({ apiKeyId: randomUUID() }))).rejects.toMatchObject({ code: '23503' });
    expect(await countRows()).toEqual(before);
    const { rows } = await db.pool.query('select name from customers where external_id = $1', [
      one.customer.externalId,
    ]);
    expect(rows).toEqual([{ name: one.customer.name }]);
  });

  test.each([
    ['quotes', `O'Neil "the" \\ $1 %s; drop table sites; --`],
    ['other scripts', '株式会社 Ünïcødé 🦊 مؤسسة'],
    ['a direction that turns', 'safe\u202Egpj.exe'],
    ['line ends', 'first\r\nsecond\tthird'],
  ])('keeps a name with %s as it is', async (_, name) => {
    const one = order({ orderId: `${name} ${randomUUID()}`, idempotencyKey: `${name} ${randomUUID()}` });
    await accepted({ ...one, customer: { ...one.customer, name } });
    const { rows } = await db.pool.query('select name from customers where external_id = $1', [
      one.customer.externalId,
    ]);
    expect(rows).toEqual([{ name }]);
    expect(await takeOrder(db, again(one))).toMatchObject({ kind: 'replayed', response: { orderId: one.orderId } });
  });

  test('tells keys of two callers apart, also where both would be one when joined', async () => {
    const other = await makeApiKey(db);
    const one = order({ idempotencyKey: 'same' });
    const two = newOrder(other, { idempotencyKey: 'same' });
    const answers = await Promise.all([takeOrder(db, one), takeOrder(db, two)]);
    expect(kinds(answers)).toEqual({ accepted: 2 });
  });
});
