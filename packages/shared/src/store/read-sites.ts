import { aspectNames } from '../domain/aspects.ts';
import type { Parts } from '../domain/parts.ts';
import type { Database, Statement } from './database.ts';
import { IS_HOST_OUT } from './host-outages.ts';
import { iso } from './iso-time.ts';
import { LASTS_FOR_SITE } from './maintenance-sql.ts';
import { SITE_HEALTH } from './read-site-health.ts';
import { TOLD_NAME_SERVERS } from './told-name-servers.ts';

/** A condition as the API shows it. */
export interface ReadCondition {
  aspect: string;
  host: string | null;
  status: 'true' | 'false' | 'unknown';
  reason: string;
  message: string;
  observedGeneration: number;
  tries: number;
  since: string;
  observedAt: string | null;
  nextLookAt: string | null;
  placementWanted: string | null;
  gone: boolean;
}

/** A site with all that stands of it; times are ISO 8601. */
export interface ReadSite {
  id: string;
  key: string;
  slug: string;
  /** null for a site that an operator made without an order */
  orderId: string | null;
  /** the order system's id of the customer */
  customer: string;
  customerName: string;
  /** null where the site never wanted a tunnel; where it wants none any more, the former one's */
  domain: string | null;
  domainUnicode: string | null;
  parts: Parts;
  environment: string;
  wanted: 'running' | 'suspended' | 'deleted';
  generation: number;
  createdAt: string;
  zoneActiveAt: string | null;
  liveAt: string | null;
  goneAt: string | null;
  /** the number of its last event */
  eventSeq: number;
  /** it's known to be down because of its host, whatever its conditions last said */
  hostOut: boolean;
  /** a maintenance window of it, of its host or of all lasts */
  inMaintenance: boolean;
  nameServers: string[];
  operationId: string | null;
  conditions: ReadCondition[];
}

/** What hangs on a site: shown with one site only. */
export interface ReadParts {
  hostnames: string[];
  placement: { host: string; slot: number; port: number; wanted: string } | null;
  container: {
    id: string;
    name: string;
    image: string;
    port: number;
    memoryLimit: string | null;
    cpuLimit: string | null;
    status: string | null;
    health: string | null;
    lastHealthCheck: string | null;
    startedAt: string | null;
    finishedAt: string | null;
    exitCode: number | null;
  } | null;
  tunnel: ReadTunnel | null;
  health: 'healthy' | 'unhealthy' | 'unreachable' | 'unknown' | null;
  release: {
    number: number;
    image: string;
    profile: string;
    digest: string | null;
    outcome: string;
    reason: string | null;
    createdAt: string;
    finishedAt: string | null;
  } | null;
}

export interface ReadTunnel {
  id: string;
  name: string;
  site: string;
  domain: string;
  port: number;
  status: string | null;
  updatedAt: string | null;
}

const CONDITIONS = `(select coalesce(json_agg(json_build_object('aspect', c.aspect, 'host', p.host_id, 'status', c.status,
    'reason', c.reason, 'message', c.message, 'observedGeneration', c.observed_generation, 'tries', c.tries,
    'since', ${iso('c.changed_at')}, 'observedAt', ${iso('c.observed_at')}, 'nextLookAt', ${iso('c.due_at')},
    'placementWanted', p.wanted, 'gone', c.gone_at is not null)
    order by array_position('{${aspectNames.join()}}'::text[], c.aspect), c.id), '[]'::json)
  from site_conditions c left join placements p on p.id = c.placement_id where c.site_id = s.id)`;

/** For `orders o`: not the row that stands for an operator's wish (make-site.ts). */
export const ORDERED = `o.fingerprint <> ''`;

/** What `ReadSite` takes of `SITES_FROM`. */
export const SITE_COLUMNS = `s.id, s.key, s.slug, case when ${ORDERED} then o.external_id end as "orderId", cu.external_id as customer, cu.name as "customerName",
  json_build_object('container', s.wants_container, 'tunnel', s.wants_tunnel) as parts,
  s.domain, s.domain_unicode as "domainUnicode", s.environment, s.wanted, s.generation, ${iso('s.created_at')} as "createdAt",
  ${iso('s.zone_active_at')} as "zoneActiveAt", ${iso('s.live_at')} as "liveAt", ${iso('s.gone_at')} as "goneAt",
  s.event_seq::float8 as "eventSeq",
  ${IS_HOST_OUT} as "hostOut", exists (select from maintenance_windows w where ${LASTS_FOR_SITE}) as "inMaintenance", ${TOLD_NAME_SERVERS} as "nameServers",
  (select op.id from operations op where op.site_id = s.id and op.kind = 'order' order by op.created_at limit 1) as "operationId",
  ${CONDITIONS} as conditions`;

export const SITES_FROM = `from sites s join orders o on o.id = s.order_id join customers cu on cu.id = s.customer_id
  left join zones z on z.id = s.zone_id and s.wants_tunnel`;

const byKey: Statement = {
  name: 'read-sites-by-key',
  text: `select ${SITE_COLUMNS} ${SITES_FROM} where s.key = $1 order by s.gone_at desc nulls first, s.created_at desc limit 1`,
};

const byOrder: Statement = {
  name: 'read-sites-by-order',
  text: `select ${SITE_COLUMNS} ${SITES_FROM} where o.external_id = $1 and ${ORDERED}`,
};

const byId: Statement = {
  name: 'read-sites-by-id',
  text: `select ${SITE_COLUMNS} ${SITES_FROM} where s.id = $1`,
};

const TUNNEL = `json_build_object('id', t.tunnel_id, 'name', t.tunnel_name, 'site', s.key, 'domain', t.domain, 'port', t.port,
  'status', t.status, 'updatedAt', ${iso('t.updated_at')})`;

const parts: Statement = {
  name: 'read-sites-parts',
  text: `select
    (select coalesce(json_agg(h.name order by h.kind), '[]'::json) from site_hostnames h where h.site_id = s.id
      and (h.gone_at is null or s.gone_at is not null)) as hostnames,
    (select json_build_object('host', p.host_id, 'slot', p.slot, 'port', p.port, 'wanted', p.wanted) from placements p
      where p.site_id = s.id order by (p.wanted = 'serving') desc, p.created_at desc limit 1) as placement,
    (select json_build_object('id', c.container_id, 'name', c.container_name, 'image', c.image_name, 'port', c.port,
        'memoryLimit', c.memory_limit, 'cpuLimit', c.cpu_limit, 'status', c.status, 'health', c.health_status,
        'lastHealthCheck', ${iso('c.last_health_check')}, 'startedAt', ${iso('c.started_at')}, 'finishedAt', ${iso('c.finished_at')},
        'exitCode', c.exit_code)
      from customer_containers c where c.site_id = s.id order by (c.status <> 'removed') desc, c.created_at desc limit 1) as container,
    (select ${TUNNEL} from customer_tunnels t where t.site_id = s.id order by t.created_at desc limit 1) as tunnel,
    ${SITE_HEALTH} as health,
    (select json_build_object('number', r.number, 'image', r.image, 'profile', r.profile, 'digest', r.digest, 'outcome', r.outcome, 'reason', r.reason,
        'createdAt', ${iso('r.created_at')}, 'finishedAt', ${iso('r.finished_at')})
      from releases r where r.site_id = s.id order by r.number desc limit 1) as release
  from sites s where s.id = $1`,
};

/** $1 created before, $2 and id before, $3 how many */
const tunnels: Statement = {
  name: 'read-sites-tunnels',
  text: `select t.id, t.created_at::text as at, ${TUNNEL} as tunnel from customer_tunnels t join sites s on s.id = t.site_id
  where t.status <> 'deleted' and ($1::timestamptz is null or (t.created_at, t.id) < ($1::timestamptz, $2::uuid))
  order by t.created_at desc, t.id desc limit $3`,
};

/** A place in a list: everything after it comes next. */
export interface Position {
  at: string;
  id: string;
}

/** The site of this key that isn't gone, else the one that went last. */
export async function findSite(db: Database, key: string): Promise<ReadSite | undefined> {
  return (await db.run<ReadSite>(byKey, [key]))[0];
}

export async function findSiteById(db: Database, siteId: string): Promise<ReadSite | undefined> {
  return (await db.run<ReadSite>(byId, [siteId]))[0];
}

export async function findSiteOfOrder(db: Database, orderId: string): Promise<ReadSite | undefined> {
  return (await db.run<ReadSite>(byOrder, [orderId]))[0];
}

export async function readSiteParts(db: Database, siteId: string): Promise<ReadParts> {
  const [row] = await db.run<ReadParts>(parts, [siteId]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  return row;
}

export async function listTunnels(
  db: Database,
  { after, limit }: { after: Position | undefined; limit: number },
): Promise<{ tunnels: ReadTunnel[]; next: Position | undefined }> {
  const rows = await db.run<Position & { tunnel: ReadTunnel }>(tunnels, [
    after?.at ?? null,
    after?.id ?? null,
    limit + 1,
  ]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last ? { at: last.at, id: last.id } : undefined;
  return { tunnels: shown.map((row) => row.tunnel), next };
}
