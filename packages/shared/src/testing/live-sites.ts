import type { Database } from '../store/database.ts';

/** A site that is live on a host, as its rows say it. */
export interface LiveSite {
  siteId: string;
  placementId: string;
  key: string;
  port: number;
  slot: number;
}

interface Wanted {
  host: string;
  keys: readonly string[];
  /** the first one's port; the others follow */
  firstPort: number;
  firstSlot?: number;
}

/**
 * Rows of sites that have been live for an hour, one for each key, with all conditions true; nothing of them exists outside of the
 * database. The host is made where it's missing.
 */
export async function makeLiveSites(
  db: Database,
  { host, keys, firstPort, firstSlot = 0 }: Wanted,
): Promise<LiveSite[]> {
  await db.pool.query(
    `insert into hosts (id, lease_until, connector_lease_until) values ($1, now() + interval '1 hour', now() + interval '1 hour')
    on conflict do nothing`,
    [host],
  );
  const { rows } = await db.pool.query<LiveSite>(
    `with wanted as (
      select key, place::int - 1 as place from unnest($2::text[]) with ordinality as w (key, place)
    ), customer as (
      insert into customers (external_id, name, email) select key, 'Max Mustermann', 'max@example.org' from wanted returning id, external_id
    ), ordered as (
      insert into orders (external_id, customer_id, fingerprint) select 'order-' || external_id, id, 'f' from customer returning id, external_id, customer_id
    ), site as (
      insert into sites (key, slug, ordinal, customer_id, order_id, domain, domain_unicode, image, license_key_enc, zone_active_at, live_at)
      select w.key, substr(md5(w.key), 1, 10), 1, o.customer_id, o.id, w.key || '.example', w.key || '.example', 'berth-demo/site:1', 'x',
        now() - interval '1 hour', now() - interval '1 hour'
      from ordered o join wanted w on 'order-' || w.key = o.external_id returning id, key
    ), placed as (
      insert into placements (site_id, host_id, port, slot)
      select site.id, $1, $3::int + w.place, $4::int + w.place from site join wanted w on w.key = site.key returning id, site_id, port, slot
    ), conditions as (
      insert into site_conditions (site_id, placement_id, aspect, queue, status, reason, due_at, reached_at, changed_at)
      select site.id, case when a.per_host then placed.id end, a.aspect, a.queue || case when a.per_host then '-' || $1 else '' end,
        'true', 'Ready', null, now() - interval '1 hour', now() - interval '1 hour'
      from site join placed on placed.site_id = site.id, (values ('zone', 'domain', false), ('placement', 'domain', false),
        ('container', 'container', true), ('tunnel', 'edge', false), ('connector', 'connector', true), ('policy', 'edge', false),
        ('route', 'edge', false), ('reachable', 'edge', false)) as a (aspect, queue, per_host)
    )
    select site.id as "siteId", placed.id as "placementId", site.key, placed.port, placed.slot
    from site join placed on placed.site_id = site.id join wanted w on w.key = site.key order by w.place`,
    [host, keys, firstPort, firstSlot],
  );
  return rows;
}
