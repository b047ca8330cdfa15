import type { Aspect } from './aspects.ts';
import type { HealthStatus } from './seed-status.ts';

export const healthAspects = ['container', 'tunnel', 'edge'] as const;

/** What of a placement the health-worker looks at. */
export type HealthAspect = (typeof healthAspects)[number];

/** The site's aspect that each of them is about. */
export const conditionOf = {
  container: 'container',
  tunnel: 'connector',
  edge: 'reachable',
} as const satisfies Record<HealthAspect, Aspect>;

/** The queue in which a host's sweeps are hinted at. */
export function healthQueueOf(hostId: string): string {
  return `health-${hostId}`;
}

/** Something was started again: by Berth (`health`), or by itself under Docker's or systemd's policy. */
export interface RestartMark {
  /** milliseconds since 1970, by the database's clock */
  at: number;
  by: 'health' | 'docker' | 'systemd';
  reason: string;
  /** Docker's own time of what it told, in nanoseconds: the same end is told to every health-worker of a host, and counts once */
  told?: string;
}

/** How one aspect of a placement stands; times are milliseconds since 1970, by the database's clock. */
export interface HealthStanding {
  outcome: HealthStatus;
  /** a constant such as `Timeout`; empty while healthy */
  reason: string;
  code: number | null;
  latencyMs: number | null;
  error: string | null;
  /** failing checks in a row that count */
  failures: number;
  failingSince: number | null;
  healthySince: number | null;
  /** Docker's or systemd's own word for it */
  word: string | null;
  /** a tunnel's connections to the edge */
  connections: number | null;
  /** what identifies the process that was seen; another one means that it was started anew */
  run: string | null;
  /** the last ones */
  restarts: RestartMark[];
  /** restarts by Berth since it was last well for long */
  step: number;
  /** not restarted by Berth before */
  restartAfter: number | null;
  /** when Berth restarted it last */
  restartedAt: number | null;
}

/** A standing as it was read; whoever writes it back must have seen the latest one. */
export type ReadStanding = HealthStanding & { version: number; checkedAt: number };

/** The most that is remembered of restarts. */
export const RESTARTS_KEPT = 20;
