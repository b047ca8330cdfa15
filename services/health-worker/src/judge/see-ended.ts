import type { HealthStanding, RestartMark } from '@berth/shared/domain/health';
import { type InspectedContainer, type ListedContainer, seeContainer } from './see-container.ts';
import type { Sight } from './sight.ts';

/** What Docker has told of a placement's container since the last look. */
export interface Told {
  /** the times at which it ended, in Docker's nanoseconds */
  died: readonly string[];
  /** somebody had it stopped */
  stopped: boolean;
  outOfMemory: boolean;
}

export interface EndedLook {
  told: Told;
  listed: ListedContainer | undefined;
  inspected: InspectedContainer | undefined;
  before: HealthStanding | undefined;
  nowMs: number;
}

const NOT_ASKED = { kind: 'none', reason: 'Refused', latencyMs: 0 } as const;

/**
 * What a look says at a container that ended, without asking it anything: whether it runs again is all that matters now.
 * @returns undefined when there is nothing to judge
 */
export function seeEnded({ told, listed, inspected, before, nowMs }: EndedLook): Sight | undefined {
  const restarts = startedByDocker(told, listed, before, nowMs);
  if (listed?.state === 'running') {
    if (!before || restarts.length === 0) return undefined;
    const { outcome, reason, code, latencyMs, error, connections } = before;
    const kept = { outcome, reason, code, latencyMs, error, connections, run: listed.id, word: listed.state };
    return { ...kept, down: false, starting: true, patienceMs: 0, drifted: false, restarts };
  }
  const known = inspected && told.outOfMemory ? { ...inspected, outOfMemory: true } : inspected;
  const sight = seeContainer({ healthPath: '', probed: NOT_ASKED, listed, inspected: known, startMs: 0 });
  return { ...sight, restarts };
}

/** It ended by itself, and Docker starts it again: one start for each end that nobody has noted yet. */
function startedByDocker(
  told: Told,
  listed: ListedContainer | undefined,
  before: HealthStanding | undefined,
  nowMs: number,
): RestartMark[] {
  const { died, stopped, outOfMemory } = told;
  if (stopped || (listed?.state !== 'running' && listed?.state !== 'restarting')) return [];
  const reason = outOfMemory ? 'OutOfMemory' : 'Exited';
  const noted = new Set(before?.restarts.map((mark) => mark.told));
  return died.filter((at) => !noted.has(at)).map((at) => ({ at: nowMs, by: 'docker' as const, reason, told: at }));
}
