import type { Aspect } from '@berth/shared/domain/aspects';
import { conditionOf, type HealthAspect, healthAspects } from '@berth/shared/domain/health';
import type { Consequence, SiteHealthEvent } from '@berth/shared/store/health';
import type { OpenIncident } from '@berth/shared/store/incidents';
import type { HealthTarget } from '@berth/shared/store/read-health-targets';
import { recentRestarts, type Verdict } from './judge-standing.ts';
import type { Sight } from './sight.ts';

/** What a verdict is about. */
export interface Judged {
  hostId: string;
  target: HealthTarget;
  aspect: HealthAspect;
  sight: Sight;
  verdict: Verdict;
  /** the fault is the host's or the edge's: nothing is told of single sites */
  held: boolean;
  nowMs: number;
}

const KINDS = { container: 'container-down', tunnel: 'tunnel-down', edge: 'edge-unreachable' } as const;
const CRASH_LOOPING = 'crash-looping';

/** Who looks again when an aspect fails: its own worker; for the edge all who have a part in the way to it. */
const WAKES: Record<HealthAspect, readonly Aspect[]> = {
  container: ['container'],
  tunnel: ['connector'],
  edge: ['zone', 'route', 'reachable'],
};

/** What follows from a verdict for the site: a restart, wake-ups, an incident that opens or closes, and what its timeline tells. */
export function consequenceOf(judged: Judged): Consequence | undefined {
  const { target, aspect, sight, verdict, held } = judged;
  const { placementId, siteId } = target;
  const of = { placementId, siteId, aspect };
  const restart = verdict.restart && target.serving && aspect !== 'edge' ? aspect : undefined;
  const wakes = restart || (verdict.justConfirmed && !held) || sight.drifted ? WAKES[aspect] : [];
  const told = restart ? [restartEvent(judged)] : [];
  // What never was live isn't missed by anybody yet.
  const incident = target.serving && target.live && !held ? incidentOf(judged, restart !== undefined) : {};
  const events = [...(incident.events ?? []), ...told];
  if (wakes.length === 0 && events.length === 0 && !incident.open && !incident.close) return undefined;
  return {
    ...of,
    ...(restart && { restart }),
    ...incident,
    wakes: wakes.map((name) => ({ aspect: name, placementId: aspect === 'edge' ? null : placementId })),
    events,
  };
}

function incidentOf(judged: Judged, restarted: boolean): Pick<Consequence, 'open' | 'close' | 'events'> {
  const { target, aspect, sight, verdict } = judged;
  const open = target.incidents[aspect];
  const present = verdict.crashLooping ? CRASH_LOOPING : verdict.confirmed ? KINDS[aspect] : undefined;
  // What loops isn't called down only, while one incident lasts.
  const kind = present && open === CRASH_LOOPING ? CRASH_LOOPING : present;
  if (kind && (kind !== open || restarted || isCauseFound(judged))) {
    return { open: toIncident(judged, kind), events: kind === open ? [] : openingEvents(judged, kind) };
  }
  if (open === undefined || sight.outcome !== 'healthy' || verdict.crashLooping) return {};
  return { close: closing(judged), events: isDownElsewhere(judged) ? [] : [recovery(judged)] };
}

/** That the zone has left is known some looks after what it leads to. */
function isCauseFound({ target, aspect, sight }: Judged): boolean {
  const isZone = sight.reason === 'ZoneMoved' || sight.reason === 'ZoneDeleted';
  return isZone && target.standings[aspect]?.reason !== sight.reason;
}

function toIncident({ hostId, target, aspect, sight, verdict, nowMs }: Judged, kind: string): OpenIncident {
  return {
    kind,
    hostId,
    siteId: target.siteId,
    aspect,
    reason: kind === CRASH_LOOPING ? 'CrashLooping' : sight.reason,
    message: sentence(target, aspect, sight),
    data: { ...figures(verdict, nowMs), code: sight.code, lastReason: sight.reason },
    openedAt: verdict.standing.failingSince ?? nowMs,
  };
}

function closing({ target, aspect, verdict, nowMs }: Judged) {
  return { siteId: target.siteId, aspect, data: figures(verdict, nowMs) };
}

function figures({ standing }: Verdict, nowMs: number) {
  return {
    failures: standing.failures,
    restarts: standing.step,
    restartsIn10Minutes: recentRestarts(standing.restarts, nowMs),
  };
}

function openingEvents(judged: Judged, kind: string): SiteHealthEvent[] {
  const { target, aspect, sight } = judged;
  const open = target.incidents[aspect];
  const message = sentence(target, aspect, sight);
  const told: SiteHealthEvent[] = [];
  if (open === undefined && !isDownElsewhere(judged)) {
    told.push({ type: 'site.down', status: 'false', reason: sight.reason || 'CrashLooping', message, data: { kind } });
  }
  if (kind === CRASH_LOOPING) {
    const loop = `${SUBJECT[aspect]} was started again more than five times within ten minutes; Berth goes on trying`;
    told.push({ type: 'health.crash-looping', status: 'false', reason: 'CrashLooping', message: loop, data: {} });
  }
  return told;
}

function recovery({ target, aspect, verdict, nowMs }: Judged): SiteHealthEvent {
  const message = `${target.name} is well again`;
  return {
    type: 'site.recovered',
    status: 'true',
    reason: 'Recovered',
    message,
    data: { aspect: conditionOf[aspect], ...figures(verdict, nowMs) },
  };
}

function restartEvent({ target, aspect, sight, verdict }: Judged): SiteHealthEvent {
  const { step, restartAfter, restartedAt } = verdict.standing;
  return {
    type: 'health.restarted',
    status: 'false',
    reason: sight.reason,
    message: `${sentence(target, aspect, sight)}; Berth restarts it`,
    data: { restart: step, nextAfterMs: (restartAfter ?? 0) - (restartedAt ?? 0) },
  };
}

/** Another aspect of the site has an open incident: the site was told to be down by that. */
function isDownElsewhere({ target, aspect }: Judged): boolean {
  return healthAspects.some((other) => other !== aspect && target.incidents[other] !== undefined);
}

const SUBJECT: Record<HealthAspect, string> = { container: 'the container', tunnel: 'the tunnel', edge: 'the edge' };

function sentence({ name }: HealthTarget, aspect: HealthAspect, { error }: Sight): string {
  return `${name}: ${SUBJECT[aspect]}: ${error ?? 'is started again and again'}`;
}
