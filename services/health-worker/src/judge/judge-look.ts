import type { HealthAspect } from '@berth/shared/domain/health';
import { unitName } from '@berth/shared/domain/names';
import type { Consequence, SeenHealth } from '@berth/shared/store/health';
import type { HealthTarget, HealthTargets, TargetCondition } from '@berth/shared/store/read-health-targets';
import { consequenceOf } from './consequences.ts';
import type { HostLook } from './host-look.ts';
import { failTogether } from './judge-host.ts';
import { judgeStanding } from './judge-standing.ts';
import { seeContainer } from './see-container.ts';
import { seeTunnel } from './see-tunnel.ts';
import type { Sight } from './sight.ts';

/** What a host's health is judged by. */
export interface Rules {
  /** failing checks in a row until something is done */
  failuresToAct: number;
  /** so long a new container may take until it answers */
  startMs: number;
  intervalMs: number;
}

/** One aspect of one placement, seen but not judged yet. */
export interface Seen {
  target: HealthTarget;
  aspect: HealthAspect;
  sight: Sight;
  condition: TargetCondition | null;
  containerId: string | null;
}

/** The containers that were seen, as they look. */
export function sightsOfContainers({ targets }: HealthTargets, look: HostLook, { startMs }: Rules): Seen[] {
  return targets.flatMap((target): Seen[] => {
    const seen = look.containers.get(target.placementId);
    if (!seen) return [];
    const sight = seeContainer({ ...seen, healthPath: target.healthPath, startMs });
    return [{ target, aspect: 'container', sight, condition: target.container, containerId: seen.listed?.id ?? null }];
  });
}

/** The tunnels that were seen, as they look. @param disabled units that would not be started with the machine */
export function sightsOfTunnels(
  { targets, nowMs }: HealthTargets,
  look: HostLook,
  disabled: ReadonlySet<string>,
): Seen[] {
  return targets.flatMap((target): Seen[] => {
    const seen = look.tunnels.get(target.placementId);
    if (!seen) return [];
    const { connector, standings } = target;
    const before = standings.tunnel;
    const since = before?.checkedAt ?? 0;
    const startedByUs = (before?.restartedAt ?? 0) >= since || (connector?.changedAt ?? 0) >= since;
    const sight = seeTunnel({
      ...seen,
      disabled: disabled.has(unitName(target.siteKey)),
      runBefore: before?.run ?? null,
      startedByUs: startedByUs || connector?.leased === true,
      nowMs,
    });
    return [{ target, aspect: 'tunnel', sight, condition: connector, containerId: null }];
  });
}

/** Whether so many fail at once that the fault isn't theirs. */
export function isHostsFault(
  seen: readonly Seen[],
  nowMs: number,
  { startMs, intervalMs }: Rules,
  already: boolean,
): boolean {
  const fellows = seen.map(({ target, aspect, sight, condition }) => ({
    before: target.standings[aspect],
    fails: sight.outcome !== 'healthy' && !sight.starting && !isBusy(condition, nowMs, startMs),
  }));
  return failTogether(fellows, { nowMs, intervalMs, already });
}

/**
 * Judges what was seen of single sites. `unsure` says that something has begun to fail which another look must confirm.
 * @param held aspects of which the fault is the host's or the edge's
 * @param check a check like all others; false for a look in between, which is none of those that are counted
 */
export function judgeSeen(
  seen: readonly Seen[],
  {
    hostId,
    nowMs,
    held,
    rules,
    check,
  }: { hostId: string; nowMs: number; held: ReadonlySet<HealthAspect>; rules: Rules; check: boolean },
): { seen: SeenHealth[]; consequences: Consequence[]; unsure: boolean } {
  const judged = seen.map(({ target, aspect, sight, condition, containerId }) => {
    const before = target.standings[aspect];
    const verdict = judgeStanding(before, sight, {
      nowMs,
      failuresToAct: rules.failuresToAct,
      check,
      busy: isBusy(condition, nowMs, rules.startMs),
      held: held.has(aspect) || !target.serving,
    });
    const { placementId, siteId } = target;
    const record: SeenHealth = {
      placementId,
      siteId,
      aspect,
      standing: verdict.standing,
      version: before?.version ?? 0,
      containerId,
      restarted: sight.restarts.length + Number(verdict.restart),
      intervalMs: rules.intervalMs,
    };
    return {
      record,
      consequence: consequenceOf({ hostId, target, aspect, sight, verdict, held: held.has(aspect), nowMs }),
      unsure: verdict.unsure && !held.has(aspect),
    };
  });
  return {
    seen: judged.map(({ record }) => record),
    consequences: judged.flatMap(({ consequence }) => consequence ?? []),
    unsure: judged.some(({ unsure }) => unsure),
  };
}

/** What was seen now, and all others of the host as they stood at their last look. */
export function withOthers(seen: readonly Seen[], targets: readonly HealthTarget[], aspect: HealthAspect): Seen[] {
  const looked = new Set(seen.map(({ target }) => target.placementId));
  const others = targets.flatMap((target): Seen[] => {
    const before = target.standings[aspect];
    if (!before || looked.has(target.placementId)) return [];
    const sight = { ...before, down: false, starting: false, patienceMs: 0, drifted: false, restarts: [] };
    const condition = aspect === 'container' ? target.container : aspect === 'tunnel' ? target.connector : null;
    return [{ target, aspect, sight, condition, containerId: null }];
  });
  return [...seen, ...others];
}

/** Its own worker is at it, and hasn't been for longer than a start may take. */
export function isBusy(condition: TargetCondition | null, nowMs: number, startMs: number): boolean {
  if (!condition) return false;
  const { leased, restarting, status, changedAt } = condition;
  const sinceMs = nowMs - changedAt;
  // Ahead of now: the clock was set back, and the change is an old one.
  return leased || ((restarting || status !== 'true') && sinceMs >= 0 && sinceMs < startMs);
}
