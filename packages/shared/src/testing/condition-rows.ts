import type { Database } from '../store/database.ts';

/**
 * `count` sites with one condition of `aspect` each, in `queue`, all due now.
 * @returns the sites' and conditions' ids, in the same order
 */
export async function makeConditions(
  db: Database,
  { count = 1, aspect = 'zone', queue = 'domain' }: { count?: number; aspect?: string; queue?: string } = {},
): Promise<{ siteId: string; conditionId: string }[]> {
  const { rows } = await db.pool.query<{ site_id: string; condition_id: string }>(
    `with customer as (
      insert into customers (external_id, name, email) values (substr(md5(random()::text), 1, 20), 'Max Mustermann', 'max@example.org') returning id
    ), o as (
      insert into orders (external_id, customer_id, fingerprint)
      select gen_random_uuid()::text, customer.id, 'f' from customer, generate_series(1, $1) returning id, customer_id
    ), s as (
      insert into sites (key, slug, ordinal, customer_id, order_id, domain, domain_unicode, image, license_key_enc)
      select substr(md5(o.id::text), 1, 20), substr(md5(o.id::text || 's'), 1, 10), 1, o.customer_id, o.id, 'example.org', 'example.org', 'i', 'x'
      from o returning id
    )
    insert into site_conditions (site_id, aspect, queue) select s.id, $2, $3 from s returning site_id, id as condition_id`,
    [count, aspect, queue],
  );
  return rows.map((row) => ({ siteId: row.site_id, conditionId: row.condition_id }));
}
