import type { PoolClient } from 'pg';
import type { Statement } from './database.ts';

/** Something that was well and isn't any more; of a site, or of a whole host when no site is named. */
export interface OpenIncident {
  /** what it is, such as `container-down`; of a site's aspect it may get worse while the incident is open */
  kind: string;
  hostId: string | null;
  siteId: string | null;
  aspect: string | null;
  reason: string;
  message: string;
  data: Record<string, unknown>;
  /** when it was first seen, in milliseconds since 1970; now when absent */
  openedAt?: number | undefined;
}

/** Names an open incident. */
export type IncidentOf =
  | { siteId: string; aspect: string | null; data?: Record<string, unknown> }
  | { siteId: null; hostId: string; kind: string; data?: Record<string, unknown> };

const COLUMNS = `(kind text, host_id text, site_id uuid, aspect text, reason text, message text, data jsonb, opened_at float8)`;

const VALUES = `select kind, host_id, site_id, aspect, reason, message, data, coalesce(to_timestamp(opened_at / 1000), now())
  from jsonb_to_recordset($1::jsonb) as i ${COLUMNS}`;

/** One that is open stays the same incident, whatever is said of it later. */
const WORSE = `do update set kind = excluded.kind, reason = excluded.reason, message = excluded.message, data = incidents.data || excluded.data`;

/** $1 incidents of sites */
const openOfSites: Statement = {
  name: 'incidents-open-sites',
  text: `insert into incidents (kind, host_id, site_id, aspect, reason, message, data, opened_at) ${VALUES}
  on conflict (site_id, coalesce(aspect, '')) where closed_at is null and site_id is not null ${WORSE}`,
};

/** $1 incidents of hosts */
const openOfHosts: Statement = {
  name: 'incidents-open-hosts',
  text: `insert into incidents (kind, host_id, site_id, aspect, reason, message, data, opened_at) ${VALUES}
  on conflict (host_id, kind) where closed_at is null and site_id is null ${WORSE}`,
};

/** $1 { site_id, aspect } or { host_id, kind }, and data that is added */
const close: Statement = {
  name: 'incidents-close',
  text: `update incidents i set closed_at = now(), data = i.data || coalesce(c.data, '{}')
  from jsonb_to_recordset($1::jsonb) as c (site_id uuid, aspect text, host_id text, kind text, data jsonb)
  where i.closed_at is null and ((c.site_id is not null and i.site_id = c.site_id and coalesce(i.aspect, '') = coalesce(c.aspect, ''))
    or (c.site_id is null and i.site_id is null and i.host_id = c.host_id and i.kind = c.kind))`,
};

/** Opens incidents by two statements, however many there are, in the caller's transaction; those that are open are told anew, not opened twice. */
export async function openIncidents(
  client: Pick<PoolClient, 'query'>,
  incidents: readonly OpenIncident[],
): Promise<void> {
  const toRow = (one: OpenIncident) => ({
    kind: one.kind,
    host_id: one.hostId,
    site_id: one.siteId,
    aspect: one.aspect,
    reason: one.reason,
    message: one.message,
    data: one.data,
    opened_at: one.openedAt,
  });
  const ofSites = incidents.filter(({ siteId }) => siteId !== null).map(toRow);
  const ofHosts = incidents.filter(({ siteId }) => siteId === null).map(toRow);
  await client.query({ ...openOfSites, values: [JSON.stringify(ofSites)] });
  await client.query({ ...openOfHosts, values: [JSON.stringify(ofHosts)] });
}

/** Closes incidents by one statement, in the caller's transaction; those that aren't open are left as they are. */
export async function closeIncidents(
  client: Pick<PoolClient, 'query'>,
  incidents: readonly IncidentOf[],
): Promise<void> {
  const rows = incidents.map((one) =>
    one.siteId === null
      ? { host_id: one.hostId, kind: one.kind, data: one.data }
      : { site_id: one.siteId, aspect: one.aspect, data: one.data },
  );
  await client.query({ ...close, values: [JSON.stringify(rows)] });
}
