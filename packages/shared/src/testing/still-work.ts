import { pino } from 'pino';
import type { Aspect } from '../domain/aspects.ts';
import type { Work } from '../runtime/reconciler.ts';

/** The work of a reconciler that is called without the loop: a lease that never ends and a log that says nothing. */
export function stillWork(aspect: Aspect, siteId: string, placementId: string | null = null): Work {
  return {
    aspect,
    siteId,
    placementId,
    causeId: null,
    log: pino({ level: 'silent' }),
    lease: { assert: async () => undefined, signal: new AbortController().signal },
  };
}
