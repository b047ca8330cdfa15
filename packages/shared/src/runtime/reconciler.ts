import type { Aspect } from '../domain/aspects.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Lease } from './lease.ts';
import type { Log } from './log.ts';

/** What a reconciler is told: which row, and nothing of why it was woken. It reads everything else, each time. */
export interface Work {
  siteId: string;
  /** set for aspects that hang on a placement */
  placementId: string | null;
  aspect: Aspect;
  lease: Lease;
  log: Log;
  /** born with the request that caused this, for logs and outside calls */
  causeId: string | null;
}

/** Observe, plan, apply, and say what was found; throws for failures only (CONVENTIONS §2). */
export type Reconciler = (work: Work) => Promise<Outcome>;

/** A reconciler for each aspect that a queue serves. */
export type Reconcilers = Partial<Record<Aspect, Reconciler>>;
