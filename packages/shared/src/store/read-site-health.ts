import type { HealthAspect, RestartMark } from '../domain/health.ts';
import type { HealthStatus } from '../domain/seed-status.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** How an aspect of a site stood at the last look; times are ISO 8601. */
export interface ReadAspectHealth {
  aspect: HealthAspect;
  host: string;
  outcome: HealthStatus | 'unknown';
  reason: string;
  message: string | null;
  code: number | null;
  latencyMs: number | null;
  checkedAt: string;
  since: string | null;
  failures: number;
  word: string | null;
  connections: number | null;
  restarts: { at: string; by: RestartMark['by']; reason: string }[];
  restartedInARow: number;
  nextRestartAfter: string | null;
}

/** One check; what it didn't look at is null. */
export interface ReadBeat {
  at: string;
  outcome: HealthStatus | null;
  code: number | null;
  latencyMs: number | null;
  tunnel: HealthStatus | null;
  connections: number | null;
  edge: HealthStatus | null;
  edgeCode: number | null;
  edgeLatencyMs: number | null;
  error: string | null;
}

export interface ReadSiteIncident {
  kind: string;
  aspect: string | null;
  reason: string;
  message: string;
  openedAt: string;
  closedAt: string | null;
  restarts: number | null;
}

const BEATS = 90;
const INCIDENTS = 10;

/** for `site_health h`: what wasn't looked at within three intervals isn't known */
const OUTCOME = `case when h.checked_at < now() - 3 * h.interval_ms * interval '1 ms' then 'unknown' else h.outcome end`;

/** for `site_health h` and `sites s`: of what the site wants; the edge may not be looked at any more */
const WANTED = `(case h.aspect when 'container' then s.wants_container else s.wants_tunnel end)
  and (h.aspect <> 'edge' or h.checked_at > now() - interval '1 day')`;

/** for `sites s`: the worst of what stands of it, null before the first look */
export const SITE_HEALTH = `(select (array_agg(${OUTCOME} order by array_position(array['unreachable', 'unhealthy', 'unknown', 'healthy'], ${OUTCOME})))[1]
  from site_health h join placements p on p.id = h.placement_id where h.site_id = s.id and p.wanted = 'serving' and p.gone_at is null and ${WANTED})`;

const RESTARTS = `(select coalesce(json_agg(json_build_object('at', ${iso(`to_timestamp((r ->> 'at')::float8 / 1000)`)}, 'by', r ->> 'by', 'reason', r ->> 'reason')
  order by (r ->> 'at')::float8 desc), '[]'::json) from jsonb_array_elements(h.restarts) as r)`;

const aspects: Statement = {
  name: 'read-site-health-aspects',
  text: `select h.aspect, h.host_id as host, ${OUTCOME} as outcome, h.reason, h.error as message, h.code, h.latency_ms as "latencyMs",
    ${iso('h.checked_at')} as "checkedAt", ${iso('coalesce(h.failing_since, h.healthy_since)')} as since, h.failures, h.word, h.connections,
    ${RESTARTS} as restarts, h.step as "restartedInARow",
    case when h.restart_after > now() then ${iso('h.restart_after')} end as "nextRestartAfter"
  from site_health h join placements p on p.id = h.placement_id join sites s on s.id = h.site_id
  where h.site_id = $1 and ${WANTED} and p.gone_at is null and p.wanted <> 'gone' order by h.host_id, h.aspect, h.placement_id`,
};

/** Each placement's own, by the index; a site seldom has more than one. */
const beats: Statement = {
  name: 'read-site-health-beats',
  text: `select ${iso('c.at')} as at, c.outcome, c.code, c.latency_ms as "latencyMs", c.tunnel, c.connections, c.edge, c.edge_code as "edgeCode",
    c.edge_latency_ms as "edgeLatencyMs", c.error
  from placements p cross join lateral (
    select * from health_checks k where k.placement_id = p.id order by k.at desc limit ${BEATS}
  ) c where p.site_id = $1 order by c.at desc, c.placement_id desc limit ${BEATS}`,
};

const incidents: Statement = {
  name: 'read-site-health-incidents',
  text: `select kind, aspect, reason, message, ${iso('opened_at')} as "openedAt", ${iso('closed_at')} as "closedAt",
    (data ->> 'restarts')::int as restarts
  from incidents where site_id = $1 order by opened_at desc, id desc limit ${INCIDENTS}`,
};

const outcome: Statement = {
  name: 'read-site-health-outcome',
  text: `select ${SITE_HEALTH} as outcome from sites s where s.id = $1`,
};

/** A site's health as it is now, its last checks (the oldest first), and its last incidents. */
export async function readSiteHealth(db: Database, siteId: string) {
  const [rows, seen, checks, told] = await Promise.all([
    db.run<{ outcome: HealthStatus | 'unknown' | null }>(outcome, [siteId]),
    db.run<ReadAspectHealth>(aspects, [siteId]),
    db.run<ReadBeat>(beats, [siteId]),
    db.run<ReadSiteIncident>(incidents, [siteId]),
  ]);
  return { outcome: rows[0]?.outcome ?? null, aspects: seen, beats: checks.reverse(), incidents: told };
}
