import type { HealthAspect, ReadStanding } from '../domain/health.ts';
import type { ConditionStatus } from '../domain/outcome.ts';
import type { Database, Statement } from './database.ts';
import { CALLED_SITE } from './parts-sql.ts';
import type { ZoneStatus } from './zones.ts';

/** How the aspect's own worker sees it. */
export interface TargetCondition {
  status: ConditionStatus;
  reason: string;
  changedAt: number;
  /** somebody works on it at this moment */
  leased: boolean;
  /** it was true at least once: before that it's still on its way */
  reached: boolean;
  /** a restart is wanted that wasn't carried out yet */
  restarting: boolean;
}

/** A placement that a health-worker looks at; times are milliseconds since 1970, by the database's clock. */
export interface HealthTarget {
  placementId: string;
  siteId: string;
  siteKey: string;
  /** for people: its domain, or its key where it has none */
  name: string;
  serving: boolean;
  live: boolean;
  port: number;
  slot: number;
  healthPath: string;
  zoneStatus: ZoneStatus | null;
  container: TargetCondition | null;
  connector: TargetCondition | null;
  standings: Partial<Record<HealthAspect, ReadStanding>>;
  /** open incidents of the site: what they are, by aspect; the empty one is about no single aspect */
  incidents: Record<string, string>;
}

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

const condition = (aspect: string, kind: string) => `(select json_build_object('status', c.status, 'reason', c.reason,
    'changedAt', ${ms('c.changed_at')}, 'leased', coalesce(c.lease_until > now(), false), 'reached', c.reached_at is not null,
    'restarting', s.${kind}_restart > p.${kind}_restart_done)
  from site_conditions c where c.placement_id = p.id and c.aspect = '${aspect}' and c.gone_at is null)`;

/** $1 host, $2 placements or null for all */
const read: Statement = {
  name: 'health-targets-read',
  text: `select p.id as "placementId", s.id as "siteId", s.key as "siteKey", ${CALLED_SITE} as name, p.wanted = 'serving' as serving,
    s.live_at is not null as live, p.port, p.slot, s.health_path as "healthPath",
    (select z.status from zones z where z.id = s.zone_id) as "zoneStatus",
    case when s.wants_container then ${condition('container', 'container')} end as container,
    case when s.wants_tunnel then ${condition('connector', 'tunnel')} end as connector,
    (select coalesce(json_object_agg(h.aspect, json_build_object('outcome', h.outcome, 'reason', h.reason, 'code', h.code,
        'latencyMs', h.latency_ms, 'error', h.error, 'failures', h.failures, 'failingSince', ${ms('h.failing_since')},
        'healthySince', ${ms('h.healthy_since')}, 'word', h.word, 'connections', h.connections, 'run', h.run, 'restarts', h.restarts,
        'step', h.step, 'restartAfter', ${ms('h.restart_after')}, 'restartedAt', ${ms('h.restarted_at')}, 'checkedAt', ${ms('h.checked_at')}, 'version', h.version)),
      '{}'::json) from site_health h where h.placement_id = p.id) as standings,
    (select coalesce(json_object_agg(coalesce(i.aspect, ''), i.kind), '{}'::json) from incidents i
      where i.site_id = s.id and i.closed_at is null) as incidents
  from placements p join sites s on s.id = p.site_id
  where p.host_id = $1 and p.gone_at is null and p.wanted <> 'gone' and s.wanted = 'running'
    and ($2::uuid[] is null or p.id = any($2))`,
};

/** $1 host */
const readHost: Statement = {
  name: 'health-targets-host',
  text: `select ${ms('now()')} as "nowMs", (select coalesce(json_agg(i.kind), '[]'::json) from incidents i
    where i.host_id = $1 and i.site_id is null and i.closed_at is null) as "hostIncidents"`,
};

/** What there is to look at on a host, as it was known at `nowMs`. */
export interface HealthTargets {
  nowMs: number;
  targets: HealthTarget[];
  /** open incidents of the host itself, by kind */
  hostIncidents: string[];
}

/** Reads a host's placements with all that a look decides by. @param placementIds these only */
export async function readHealthTargets(
  db: Database,
  hostId: string,
  placementIds?: readonly string[],
): Promise<HealthTargets> {
  const [hosts, targets] = await Promise.all([
    db.run<Omit<HealthTargets, 'targets'>>(readHost, [hostId]),
    db.run<HealthTarget>(read, [hostId, placementIds ?? null]),
  ]);
  return { nowMs: hosts[0]?.nowMs ?? 0, hostIncidents: hosts[0]?.hostIncidents ?? [], targets };
}
