import type { HealthStanding } from '@berth/shared/domain/health';

/** How one of a host's sites stands in one aspect, before and at this look. */
export interface Fellow {
  before: HealthStanding | undefined;
  fails: boolean;
}

/** Fewer than these are never a fault of the host: on a small one a third is soon reached. */
const LEAST = 3;
/** What began to fail within so many intervals fails at once. */
const TOGETHER = 3;

/**
 * Whether a fault is the host's own (or the edge's): a third of its sites, and at least three, began to fail at the same time. Once that is so it stays so until fewer fail, whenever they began.
 */
export function failTogether(
  fellows: readonly Fellow[],
  { nowMs, intervalMs, already }: { nowMs: number; intervalMs: number; already: boolean },
): boolean {
  const failing = fellows.filter(({ fails }) => fails);
  const counting = already ? failing : failing.filter(({ before }) => isNew(before, nowMs - TOGETHER * intervalMs));
  return counting.length >= Math.max(LEAST, Math.ceil(fellows.length / 3));
}

function isNew(before: HealthStanding | undefined, sinceMs: number): boolean {
  if (!before?.failingSince) return true;
  const restarted = before.restartedAt !== null && before.restartedAt >= before.failingSince;
  return before.failingSince >= sinceMs && !restarted;
}
