import type { RestartMark } from '@berth/shared/domain/health';
import type { HealthStatus } from '@berth/shared/domain/seed-status';

/** What was seen of one aspect of a placement at one look. */
export interface Sight {
  outcome: HealthStatus;
  /** a constant such as `Timeout`; empty when healthy */
  reason: string;
  /** of the probe's answer */
  code: number | null;
  latencyMs: number | null;
  /** a sentence for a person */
  error: string | null;
  /** Docker's or systemd's own word */
  word: string | null;
  connections: number | null;
  run: string | null;
  /** What should run doesn't: a fact that needs no second look. */
  down: boolean;
  /** still within the time it has to start: a failure doesn't count */
  starting: boolean;
  /** so long it's left to come back by itself, in milliseconds */
  patienceMs: number;
  /** something about it isn't as wanted though it's well: its own worker should look */
  drifted: boolean;
  /** starts by others than Berth that weren't known before */
  restarts: readonly RestartMark[];
}

/** Docker and systemd start it again by themselves: nobody else does. */
export const FOR_EVER = Number.POSITIVE_INFINITY;

const NOTHING: Omit<Sight, 'outcome' | 'reason'> = {
  code: null,
  latencyMs: null,
  error: null,
  word: null,
  connections: null,
  run: null,
  down: false,
  starting: false,
  patienceMs: 0,
  drifted: false,
  restarts: [],
};

export const healthy = (more: Partial<Sight> = {}): Sight => ({
  ...NOTHING,
  outcome: 'healthy',
  reason: '',
  ...more,
});

export const failing = (
  outcome: 'unhealthy' | 'unreachable',
  reason: string,
  error: string,
  more: Partial<Sight> = {},
): Sight => ({ ...NOTHING, outcome, reason, error, ...more });
