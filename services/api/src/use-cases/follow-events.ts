import type { SiteEvent } from '@berth/contract/site';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Database } from '@berth/shared/store/database';
import { listEvents } from '@berth/shared/store/read-events';

const LOOK_MS = 300;
const AT_ONCE = 200;

/** Reads a site's events: what happened, and what happens from now on. */
export function makeFollowEvents({ db, clock }: { db: Database; clock: Clock }) {
  const list = (siteId: string, after: number, limit: number): Promise<SiteEvent[]> =>
    listEvents(db, siteId, after, limit);
  return {
    list,
    /** Each event after number `after`, in order and without gaps, until `signal` is aborted. */
    async *follow(siteId: string, after: number, signal: AbortSignal): AsyncGenerator<SiteEvent> {
      let last = after;
      while (!signal.aborted) {
        const events = await list(siteId, last, AT_ONCE);
        for (const event of events) {
          yield event;
          last = event.seq;
        }
        if (events.length < AT_ONCE) await clock.wait(LOOK_MS, signal).catch(() => undefined);
      }
    },
  };
}

export type FollowEvents = ReturnType<typeof makeFollowEvents>;
