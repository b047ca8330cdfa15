import type { HealthStanding } from '@berth/shared/domain/health';
import { LONGEST_BACKOFF_MS } from './judge-standing.ts';

/**
 * A standing as it may be at `nowMs`: where the database's clock was set back, what was noted before lies ahead, and would keep a site
 * from being restarted, or call it looping, until the clock is there again.
 */
export function notAhead<Standing extends HealthStanding>(standing: Standing, nowMs: number): Standing {
  const past = (at: number | null) => (at === null ? null : Math.min(at, nowMs));
  const { failingSince, healthySince, restartedAt, restartAfter, restarts } = standing;
  return {
    ...standing,
    failingSince: past(failingSince),
    healthySince: past(healthySince),
    restartedAt: past(restartedAt),
    restartAfter: restartAfter === null ? null : Math.min(restartAfter, nowMs + LONGEST_BACKOFF_MS),
    restarts: restarts.map((mark) => ({ ...mark, at: Math.min(mark.at, nowMs) })),
  };
}
