import { type HealthStanding, RESTARTS_KEPT, type RestartMark } from '@berth/shared/domain/health';
import type { Sight } from './sight.ts';

/** What is judged by, beside what was seen. */
export interface Circumstances {
  nowMs: number;
  /** failing checks in a row until something is done (`HEALTH_FAILURES`) */
  failuresToAct: number;
  /** one of those that are counted, and not a look in between */
  check: boolean;
  /** its own worker is at it: what fails meanwhile doesn't count */
  busy: boolean;
  /** the fault is the host's or the edge's: nothing is done about single sites */
  held: boolean;
}

/** What a sight means. */
export interface Verdict {
  standing: HealthStanding;
  /** it is to be started again now */
  restart: boolean;
  /** failing for long enough to be told */
  confirmed: boolean;
  /** it became so with this look */
  justConfirmed: boolean;
  /** it failed with this look, and another one must confirm it */
  unsure: boolean;
  crashLooping: boolean;
}

/** More restarts than this within the window are a loop. */
const LOOP_RESTARTS = 5;
export const LOOP_WINDOW_MS = 600_000;
/** Healthy for so long, all former restarts are forgiven. */
const RESET_MS = 600_000;
const FIRST_BACKOFF_MS = 10_000;
export const LONGEST_BACKOFF_MS = 300_000;

/** The wait after Berth's `step`-th restart in a row (from 0): 10 s, 20 s, 40 s … 5 min. */
export function restartBackoffMs(step: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** step, LONGEST_BACKOFF_MS);
}

/** Starts within the last ten minutes, whoever caused them. */
export function recentRestarts(restarts: readonly RestartMark[], nowMs: number): number {
  return restarts.filter(({ at }) => nowMs - at < LOOP_WINDOW_MS).length;
}

function isLoop(restarts: readonly RestartMark[], nowMs: number): boolean {
  return recentRestarts(restarts, nowMs) > LOOP_RESTARTS;
}

/** Judges one look at one aspect of a placement by how it stood before. Pure; never gives up, never removes anything. */
export function judgeStanding(before: HealthStanding | undefined, sight: Sight, around: Circumstances): Verdict {
  const { nowMs, failuresToAct } = around;
  const restarts = [...(before?.restarts ?? []), ...sight.restarts].slice(-RESTARTS_KEPT);
  const standing = sight.outcome === 'healthy' ? well(before, sight, nowMs) : unwell(before, sight, around);
  const confirmed = standing.failures >= failuresToAct;
  const restart = sight.outcome !== 'healthy' && mayRestart(standing, sight, around);
  if (restart) {
    restarts.push({ at: nowMs, by: 'health', reason: sight.reason });
    standing.restartedAt = nowMs;
    standing.restartAfter = nowMs + (isLoop(restarts, nowMs) ? LONGEST_BACKOFF_MS : restartBackoffMs(standing.step));
    standing.step += 1;
  }
  return {
    standing: { ...standing, restarts: restarts.slice(-RESTARTS_KEPT) },
    restart,
    confirmed,
    unsure: !confirmed && standing.failures > (before?.failures ?? 0),
    justConfirmed: confirmed && (before?.failures ?? 0) < failuresToAct,
    crashLooping: isLoop(restarts, nowMs),
  };
}

function well(before: HealthStanding | undefined, sight: Sight, nowMs: number): HealthStanding {
  const healthySince = before?.healthySince ?? nowMs;
  const forgiven = nowMs - healthySince >= RESET_MS;
  return {
    ...remembered(before, sight),
    failures: 0,
    failingSince: null,
    healthySince,
    ...(forgiven && { step: 0, restartAfter: null }),
  };
}

function unwell(
  before: HealthStanding | undefined,
  sight: Sight,
  { nowMs, busy, check }: Circumstances,
): HealthStanding {
  const counts = !busy && !sight.starting;
  return {
    ...remembered(before, sight),
    failures: (before?.failures ?? 0) + (counts && check ? 1 : 0),
    failingSince: before?.failingSince ?? (counts ? nowMs : null),
    healthySince: null,
  };
}

function remembered(before: HealthStanding | undefined, sight: Sight) {
  const { outcome, reason, code, latencyMs, error, word, connections, run } = sight;
  return {
    outcome,
    reason,
    code,
    latencyMs,
    error,
    word,
    connections,
    run: run ?? before?.run ?? null,
    restarts: [],
    step: before?.step ?? 0,
    restartAfter: before?.restartAfter ?? null,
    restartedAt: before?.restartedAt ?? null,
  };
}

function mayRestart(standing: HealthStanding, sight: Sight, around: Circumstances): boolean {
  const { nowMs, failuresToAct, busy, held } = around;
  const { failures, failingSince, restartAfter, restartedAt } = standing;
  if (busy || held || sight.starting || failingSince === null) return false;
  if (!sight.down && failures < failuresToAct) return false;
  if (restartAfter !== null && nowMs < restartAfter) return false;
  return nowMs - Math.max(failingSince, restartedAt ?? 0) >= sight.patienceMs;
}
