import { unprotected } from '@berth/shared/domain/protection';
import type { Pipeline } from '../pipeline/open-pipeline.ts';

const ip = { allow: [], block: ['203.0.113.0/24'], blockCountries: ['KP'] };
const access = { emails: ['a@example.org'], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24 };

/**
 * Rows of sites with an active zone each, at Cloudflare too, of which a protection is wanted that isn't in force yet; nothing else of them
 * exists.
 * @param withAccess how many of them, the first, want Access beside a rule
 * @returns the zones' ids at Cloudflare
 */
export async function makeProtectedSites(world: Pipeline, count: number, withAccess: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `guarded-${index}.example`);
  const ids: string[] = [];
  for (const name of names) ids.push((await world.cloudflare.control.addZone(name, 'active')).id);
  await world.db.pool.query('insert into cloudflare_accounts (id) values ($1) on conflict do nothing', [
    world.cloudflare.accountId,
  ]);
  await world.db.pool.query(
    `with wanted as (
      select name, cf_zone_id, place from unnest($1::text[], $2::text[]) with ordinality as w (name, cf_zone_id, place)
    ), zone as (
      insert into zones (account_id, cf_zone_id, name, status, plan, first_active_at) select $3, cf_zone_id, name, 'active', 'free', now()
      from wanted returning id, name
    ), customer as (
      insert into customers (external_id, name, email) values ('guarded', 'Max Mustermann', 'max@example.org') returning id
    ), ordered as (
      insert into orders (external_id, customer_id, fingerprint) select name, customer.id, 'f' from wanted, customer
      returning id, external_id, customer_id
    ), site as (
      insert into sites (key, slug, ordinal, customer_id, order_id, domain, domain_unicode, image, license_key_enc, zone_id)
      select 'guarded' || w.place, 'guarded' || w.place, w.place, o.customer_id, o.id, w.name, w.name, 'i', 'x', zone.id
      from wanted w join ordered o on o.external_id = w.name join zone on zone.name = w.name returning id, domain
    ), hostnames as (
      insert into site_hostnames (site_id, name, kind) select id, domain, 'apex' from site union all select id, 'www.' || domain, 'www' from site
    ), protections as (
      insert into site_protections (site_id, wanted, requested_by)
      select site.id, case when w.place <= $4 then $6::jsonb else $5::jsonb end, 'bench' from site join wanted w on w.name = site.domain
    )
    insert into site_conditions (site_id, aspect, queue, status, reason, due_at, observed_generation, observed_at, reached_at)
    select id, 'zone', 'domain', 'true', 'ZoneActive', null, 1, now(), now() from site
    union all select id, 'policy', 'edge', 'unknown', 'Queued', now(), 0, null, null from site`,
    [
      names,
      ids,
      world.cloudflare.accountId,
      withAccess,
      JSON.stringify({ ...unprotected, ip }),
      JSON.stringify({ ...unprotected, ip, access }),
    ],
  );
  return ids;
}
