import type { SiteWanted } from '../domain/aspects.ts';
import type { Database, Statement } from './database.ts';
import { WANTED } from './parts-sql.ts';

/** A DNS record as it was before Berth replaced it: everything that is needed to make it again. */
export interface FormerRecord {
  type: string;
  name: string;
  content: string;
  proxied: boolean;
  ttl: number;
  comment: string | null;
  /** as `name:value`; none when absent */
  tags?: string[];
  /** those that are on, such as `flatten_cname`; none when absent */
  settings?: Record<string, true>;
}

/** A record that is ours, or is about to be. */
export interface RouteRecord {
  hostname: string;
  recordId: string | null;
  content: string;
  cfZoneId: string;
  replaced: FormerRecord[];
}

/** What a site's routes are decided from. */
export interface RouteWish {
  slug: string;
  domain: string;
  wanted: SiteWanted;
  cfZoneId: string | null;
  nameServers: string[];
  /** for how long the zone has been active; null: it isn't yet */
  activeForMs: number | null;
  tunnelId: string | null;
  /** apex first */
  hostnames: string[];
  /** apex first */
  records: RouteRecord[];
  /** the former provider's web records were taken over into the zone, and none of ours is there yet */
  takenOver: boolean;
}

const read: Statement = {
  name: 'routes-read',
  text: `select s.slug, s.domain, ${WANTED.tunnel} as wanted, z.cf_zone_id as "cfZoneId",
    coalesce(z.name_servers, '{}') as "nameServers",
    extract(epoch from now() - s.zone_active_at)::float8 * 1000 as "activeForMs",
    s.tunnel_id as "tunnelId",
    (select coalesce(json_agg(h.name order by h.kind), '[]'::json) from site_hostnames h
      where h.site_id = s.id and h.gone_at is null) as hostnames,
    (select coalesce(json_agg(json_build_object('hostname', r.hostname, 'recordId', r.record_id, 'content', r.content,
      'cfZoneId', r.cf_zone_id, 'replaced', r.replaced) order by length(r.hostname), r.hostname), '[]'::json) from site_records r
      where r.site_id = s.id and r.removed_at is null) as records,
    not exists (select from site_records r where r.site_id = s.id and r.removed_at is null)
      and exists (select from zone_takeovers t cross join jsonb_array_elements(coalesce(t.found, '[]')) f
        join site_hostnames h on h.name = f->>'name' and h.site_id = s.id and h.gone_at is null
        where t.zone_id = s.zone_id and f->>'type' in ('A', 'AAAA', 'CNAME')) as "takenOver"
  from sites s left join zones z on z.id = s.zone_id where s.id = $1`,
};

const awaits: Statement = {
  name: 'routes-await-protection',
  text: 'select exists (select from site_protections where site_id = $1 and version <> in_force_version) as awaits',
};

/** $1 site, $2 zone, $3 host name, $4 content, $5 former records */
const intend: Statement = {
  name: 'routes-intend',
  text: `insert into site_records as r (site_id, cf_zone_id, hostname, content, replaced) values ($1, $2, $3, $4, $5::jsonb)
  on conflict (site_id, hostname) where removed_at is null do update
  set content = excluded.content, cf_zone_id = excluded.cf_zone_id, replaced = excluded.replaced, updated_at = now()`,
};

const made: Statement = {
  name: 'routes-made',
  text: `update site_records set record_id = $3, updated_at = now()
  where site_id = $1 and hostname = $2 and removed_at is null and record_id is distinct from $3`,
};

const removed: Statement = {
  name: 'routes-removed',
  text: 'update site_records set removed_at = now(), updated_at = now() where site_id = $1 and removed_at is null',
};

/** @throws when there is no such site */
export async function readRouteWish(db: Database, siteId: string): Promise<RouteWish> {
  const [row] = await db.run<RouteWish>(read, [siteId]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  return row;
}

/** Whether something shall protect the site that doesn't stand at the edge yet. Asked last: somebody may want it in any moment. */
export async function awaitsProtection(db: Database, siteId: string): Promise<boolean> {
  const [row] = await db.run<{ awaits: boolean }>(awaits, [siteId]);
  return row?.awaits === true;
}

/** Says that a record is about to be made, and what it replaces; committed before the change. */
export async function intendRoute(db: Database, siteId: string, route: Omit<RouteRecord, 'recordId'>): Promise<void> {
  await db.run(intend, [siteId, route.cfZoneId, route.hostname, route.content, JSON.stringify(route.replaced)]);
}

/** Writes down which record is ours. */
export async function bindRoute(db: Database, siteId: string, hostname: string, recordId: string): Promise<void> {
  await db.run(made, [siteId, hostname, recordId]);
}

/** Writes down that none of the site's records is there any more. */
export async function closeRoutes(db: Database, siteId: string): Promise<void> {
  await db.run(removed, [siteId]);
}
