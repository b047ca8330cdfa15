import type { Database } from '@berth/shared/store/database';

/** Of a hundred sites so many are not simply online. */
const WAITING = 3;
const DEGRADED = 1;

/**
 * Sites with the numbers `from` to `to`, of as many customers, with the eight aspects of each, made over a year: most of them online, a few that wait for their customer, a few
 * degraded, in an order that hides them.
 * @param licenseKeyEnc of all of them, sealed with the installation's key
 */
export async function makeSites(
  db: Database,
  [from, to]: readonly [number, number],
  licenseKeyEnc: string,
): Promise<void> {
  await db.pool.query(
    `with n as (select i, md5(i::text) as hash, i * 7919 % 100 as kind from generate_series($1::int, $2::int) i),
    c as (
      insert into customers (external_id, name, email)
      select 'c' || i, 'Customer ' || hash, hash || '@example.org' from n returning id, external_id
    ), o as (
      insert into orders (external_id, customer_id, fingerprint, created_at)
      select 'order-' || i, c.id, 'f', now() - i * interval '50 min' from n join c on c.external_id = 'c' || i returning id, customer_id, external_id, created_at
    ), s as (
      insert into sites (key, slug, ordinal, customer_id, order_id, domain, domain_unicode, image, license_key_enc, created_at, live_at)
      select 'c' || i, substr(hash, 1, 10), 1, o.customer_id, o.id, 'shop-' || hash || '.de', 'shop-' || hash || '.de', 'i', $3, o.created_at,
        case when kind >= ${WAITING} then o.created_at end
      from n join o on o.external_id = 'order-' || i returning id, key
    )
    insert into site_conditions (site_id, aspect, queue, status, reason, due_at, observed_at)
    select s.id, a.aspect, 'bench',
      case when kind < ${WAITING} or (kind < ${WAITING + DEGRADED} and aspect = 'reachable') then 'false' else 'true' end,
      case when kind < ${WAITING} and aspect = 'zone' then 'NameserversNotChanged' when kind < ${WAITING} then 'Waiting' else 'Fine' end,
      now() + interval '1 day', now()
    from n join s on s.key = 'c' || i,
      unnest('{zone,placement,container,tunnel,connector,policy,route,reachable}'::text[]) as a (aspect)`,
    [from, to, licenseKeyEnc],
  );
  await db.pool.query('vacuum analyze');
}
