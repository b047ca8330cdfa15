import { pino } from 'pino';
import type { Aspect } from '../domain/aspects.ts';
import type { Work } from '../runtime/reconciler.ts';
import type { Fence } from '../store/protocol.ts';

/** Of no condition: whoever writes with it is late. */
const noFence: Fence = { conditionId: '00000000-0000-0000-0000-000000000000', leaseNo: '0' };

/** The work of a reconciler that is called without the loop: a lease that never ends and a log that says nothing. */
export function stillWork(
  aspect: Aspect,
  siteId: string,
  placementId: string | null = null,
  fence: Fence = noFence,
): Work {
  return {
    aspect,
    siteId,
    placementId,
    causeId: null,
    log: pino({ level: 'silent' }),
    lease: { assert: async () => undefined, signal: new AbortController().signal, fence },
  };
}
