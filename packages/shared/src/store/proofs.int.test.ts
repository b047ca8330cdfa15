import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { readProofWish, readProofWishes } from './proofs.ts';

let made: TestDatabase;
let db: Database;
let siteId: string;

beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url, max: 2 });
  await db.pool.query(`insert into cloudflare_accounts (id) values ('account')`);
  await db.pool.query(
    `insert into access_proofs (account_id, token_id, client_id, client_secret_enc) values ('account', 'token', 'client', 'sealed')`,
  );
  const { rows } = await db.pool.query<{ id: string }>(
    `with customer as (insert into customers (external_id, name, email) values ('shop', 'Shop', 'shop@example.org') returning id),
    ordered as (insert into orders (external_id, customer_id, fingerprint) select 'shop', id, 'f' from customer returning id, customer_id),
    zone as (insert into zones (account_id, cf_zone_id, name, status) values ('account', 'zone', 'shop.example', 'active') returning id)
    insert into sites (key, slug, ordinal, customer_id, order_id, domain, domain_unicode, image, license_key_enc, zone_id)
      select 'shop', 'shop', 1, customer_id, ordered.id, 'shop.example', 'shop.example', 'i', 'l', zone.id from ordered, zone
      returning id`,
  );
  siteId = rows[0]?.id ?? '';
  await db.pool.query(
    `insert into site_protections (site_id, wanted, requested_by, touched) values ($1, '{}', 'test', '{access}')`,
    [siteId],
  );
});
afterAll(async () => {
  await db?.close();
  await made?.drop();
});

describe('the token that goes through Access', () => {
  test.each([
    ['active', { clientId: 'client', clientSecretEnc: 'sealed' }],
    ['pending', null],
    ['moved', null],
    ['deleted', null],
  ])('of a zone that is %s is shown as %j', async (status, accessProof) => {
    await db.pool.query('update zones set status = $1', [status]);
    expect((await readProofWish(db, siteId)).accessProof).toEqual(accessProof);
    expect((await readProofWishes(db, [siteId])).get(siteId)?.accessProof).toEqual(accessProof);
  });
});
