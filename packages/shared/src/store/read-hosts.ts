import type { HostHalfSeen } from '../domain/host-state.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import { CALLED_SITE } from './parts-sql.ts';
import { FREE_MEMORY, HOST_HALVES, OPEN_PORT, PLACED_MEMORY } from './placing-sql.ts';

/** A host with its room, and what is wrong with it. Times are ISO 8601. */
export interface ReadHost {
  id: string;
  draining: boolean;
  containers: HostHalfSeen & { until: string | null };
  connectors: HostHalfSeen & { until: string | null };
  /** who looks after both */
  health: HostHalfSeen & { until: string | null };
  seenAt: string;
  ports: { total: number; free: number };
  memory: { totalBytes: number; overcommit: number; placedBytes: number; freeBytes: number };
  /** why it gets no further sites although it is alive */
  problem: string | null;
  cpus: number | null;
  labels: Record<string, string>;
  versions: Record<string, string>;
  sites: number;
  incident: { id: string; reason: string; message: string; since: string } | null;
}

/** What is on a host, and what happened to it lately. */
export interface ReadHostParts {
  placements: { site: string; domain: string; port: number; wanted: string; live: boolean }[];
  events: { type: string; message: string; requestedBy: string | null; at: string }[];
}

/** $1 host or null for all */
const list: Statement = {
  name: 'read-hosts-list',
  text: `select h.id, h.state = 'draining' as draining, ${HOST_HALVES}, ${iso('h.seen_at')} as "seenAt",
    (select json_build_object('total', count(*), 'free', count(*) filter (where ${OPEN_PORT})) from port_allocations a
      where a.host_id = h.id and a.pool <> 'retired') as ports,
    json_build_object('totalBytes', coalesce(h.memory_bytes, 0), 'overcommit', h.memory_overcommit, 'placedBytes', ${PLACED_MEMORY},
      'freeBytes', greatest(0, ${FREE_MEMORY})) as memory, h.cpus, h.labels, h.versions, h.problem,
    (select count(distinct p.site_id)::int from placements p where p.host_id = h.id and p.gone_at is null) as sites,
    (select json_build_object('id', i.id, 'reason', i.reason, 'message', i.message, 'since', ${iso('i.opened_at')}) from incidents i
      where i.host_id = h.id and i.site_id is null and i.closed_at is null order by i.opened_at, i.id limit 1) as incident
  from hosts h where $1::text is null or h.id = $1 order by h.id`,
};

const EVENTS_AT_MOST = 50;

const parts: Statement = {
  name: 'read-hosts-parts',
  text: `select
    (select coalesce(json_agg(json_build_object('site', s.key, 'domain', ${CALLED_SITE}, 'port', p.port, 'wanted', p.wanted,
        'live', s.live_at is not null) order by p.port), '[]'::json)
      from placements p join sites s on s.id = p.site_id where p.host_id = $1 and p.gone_at is null) as placements,
    (select coalesce(json_agg(latest.event), '[]'::json) from (
      select json_build_object('type', e.type, 'message', e.message, 'requestedBy', e.requested_by, 'at', ${iso('e.created_at')}) as event
      from host_events e where e.host_id = $1 order by e.created_at desc, e.id desc limit ${EVENTS_AT_MOST}) latest) as events`,
};

/** All hosts, by name. */
export async function listHosts(db: Database): Promise<ReadHost[]> {
  return db.run<ReadHost & Record<string, unknown>>(list, [null]);
}

export async function findHost(db: Database, hostId: string): Promise<ReadHost | undefined> {
  return (await db.run<ReadHost & Record<string, unknown>>(list, [hostId]))[0];
}

export async function readHostParts(db: Database, hostId: string): Promise<ReadHostParts> {
  const [row] = await db.run<ReadHostParts & Record<string, unknown>>(parts, [hostId]);
  return row ?? { placements: [], events: [] };
}
