import type { PoolClient } from 'pg';
import type { Hint } from '../contracts/jobs.ts';
import type { Aspect } from '../domain/aspects.ts';
import { conditionOf, type HealthAspect, type HealthStanding } from '../domain/health.ts';
import type { Database, Statement } from './database.ts';
import { ensureHealthPartitions } from './health-partitions.ts';
import * as sql from './health-sql.ts';
import { closeIncidents, type IncidentOf, type OpenIncident, openIncidents } from './incidents.ts';

/** How one aspect of a placement was seen, with what is known of it from before. */
export interface SeenHealth {
  placementId: string;
  siteId: string;
  aspect: HealthAspect;
  standing: HealthStanding;
  /** of the standing that it was judged by; 0 when there was none */
  version: number;
  /** the container that was looked at */
  containerId: string | null;
  /** starts of it that weren't known before */
  restarted: number;
  /** how often it's looked at: what wasn't seen for three times that isn't known any more */
  intervalMs: number;
}

/** What follows for a site from how it was seen. It happens only if the standing of `placementId` and `aspect` was written. */
export interface Consequence {
  placementId: string;
  siteId: string;
  aspect: HealthAspect;
  restart?: 'container' | 'tunnel';
  wakes?: readonly { aspect: Aspect; placementId: string | null }[];
  events?: readonly SiteHealthEvent[];
  open?: OpenIncident;
  close?: IncidentOf;
}

/** Something for a site's timeline. */
export interface SiteHealthEvent {
  type: 'site.down' | 'site.recovered' | 'health.restarted' | 'health.crash-looping';
  status: string;
  reason: string;
  message: string;
  data: Record<string, unknown>;
}

/** All that one look at a host came to. */
export interface HealthFindings {
  hostId: string;
  /** when it was looked, in milliseconds since 1970 by the database's clock */
  atMs: number;
  /** false: single placements were looked at, which is no check of its own */
  swept: boolean;
  seen: readonly SeenHealth[];
  consequences: readonly Consequence[];
  openOfHost: readonly OpenIncident[];
  closeOfHost: readonly IncidentOf[];
}

/** What became of findings. */
export interface RecordedHealth {
  hints: Hint[];
  missed: SeenHealth[];
}

const lockSites: Statement = {
  name: 'health-lock-sites',
  text: 'select id from sites where id = any($1::uuid[]) order by id for no key update',
};

/**
 * Writes down what was seen, and what follows from it: restarts, wake-ups, events and incidents, in one transaction of the same
 * statements, however many sites there are and however they are.
 * @returns whom to hint, and what wasn't written since somebody else had written it meanwhile
 */
export async function recordHealth(db: Database, findings: HealthFindings): Promise<RecordedHealth> {
  if (!findings.swept && findings.seen.length === 0) return { hints: [], missed: [] };
  try {
    return await write(db, findings);
  } catch (error) {
    if (!lacksPartition(error)) throw error;
    // The clock has jumped by days: the hour at which they are made comes too late.
    await ensureHealthPartitions(db);
    return write(db, findings);
  }
}

function lacksPartition(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23514';
}

async function write(db: Database, findings: HealthFindings): Promise<RecordedHealth> {
  const { hostId, atMs, swept, seen, consequences, openOfHost, closeOfHost } = findings;
  return db.transaction(async (client) => {
    // Sites first, as everywhere: whoever holds one of them may wait for a row of its container or tunnel.
    await client.query({ ...lockSites, values: [consequences.map(({ siteId }) => siteId)] });
    const rows = JSON.stringify(seen.map((one) => toRow(one, hostId)));
    const { rows: kept } = await client.query<{ placementId: string; aspect: string }>({
      ...sql.record,
      values: [rows, atMs, swept],
    });
    const written = new Set(kept.map(({ placementId, aspect }) => `${placementId} ${aspect}`));
    const following = consequences.filter(({ placementId, aspect }) => written.has(`${placementId} ${aspect}`));
    const hints = await act(client, following);
    await openIncidents(client, [...following.flatMap(({ open }) => open ?? []), ...openOfHost]);
    await closeIncidents(client, [...following.flatMap(({ close }) => close ?? []), ...closeOfHost]);
    if (swept) await client.query(sql.closeUnwanted);
    const missed = seen.filter(({ placementId, aspect }) => !written.has(`${placementId} ${aspect}`));
    return { hints, missed };
  });
}

async function act(client: PoolClient, following: readonly Consequence[]): Promise<Hint[]> {
  const restarts = following.flatMap(({ siteId, restart }) => (restart ? [{ site: siteId, target: restart }] : []));
  const wakes = following.flatMap(({ siteId, wakes = [] }) =>
    wakes.map(({ aspect, placementId }) => ({ site: siteId, placement: placementId, aspect })),
  );
  const events = following.flatMap(({ siteId, aspect, events: told = [] }) =>
    told.map((event) => ({ site: siteId, aspect: conditionOf[aspect], ...event })),
  );
  const values = [restarts, wakes, events].map((list) => JSON.stringify(list));
  return (await client.query<Hint>({ ...sql.act, values })).rows;
}

function toRow({ standing, ...seen }: SeenHealth, hostId: string): Record<string, unknown> {
  return {
    placement: seen.placementId,
    site: seen.siteId,
    host: hostId,
    aspect: seen.aspect,
    version: seen.version,
    container: seen.containerId,
    restarted: seen.restarted,
    interval_ms: seen.intervalMs,
    outcome: standing.outcome,
    reason: standing.reason,
    code: standing.code,
    latency: standing.latencyMs === null ? null : Math.round(standing.latencyMs),
    error: standing.error,
    failures: standing.failures,
    failing_since: standing.failingSince,
    healthy_since: standing.healthySince,
    word: standing.word,
    connections: standing.connections,
    run: standing.run,
    restarts: standing.restarts,
    step: standing.step,
    restart_after: standing.restartAfter,
    restarted_at: standing.restartedAt,
  };
}
