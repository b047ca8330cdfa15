import type { Clock } from '@berth/shared/runtime/clock';
import type { Database } from '@berth/shared/store/database';
import {
  type FleetEvent,
  type FleetPosition,
  type FleetStart,
  fleetNow,
  listFleetEvents,
} from '@berth/shared/store/fleet-events';

const LOOK_MS = 500;
const AT_ONCE = 200;

/** Reads the events of all sites, or of those of a customer. */
export function makeFollowFleet({ db, clock }: { db: Database; clock: Clock }) {
  return {
    list: (after: FleetPosition, limit: number, owner: string | undefined): Promise<FleetEvent[]> =>
      listFleetEvents(db, after, { limit, owner }),
    /** Where somebody begins who comes with a place or without one: a place that this server can't have given out (it was restored from a backup) is taken for now. */
    async begin(after: FleetPosition | undefined): Promise<FleetStart> {
      const now = await fleetNow(db);
      return after && BigInt(after.xact) <= BigInt(now.position.xact) ? { position: after } : now;
    },
    /** Each event after a place, in order and without gaps, until `signal` is aborted. */
    async *follow(from: FleetStart, owner: string | undefined, signal: AbortSignal): AsyncGenerator<FleetEvent> {
      const wish = { limit: AT_ONCE, owner, seen: from.seen };
      let last = from.position;
      while (!signal.aborted) {
        const { position: now } = await fleetNow(db);
        const events = now.xact === last.xact ? [] : await listFleetEvents(db, last, wish);
        for (const event of events) {
          yield event;
          last = event.position;
        }
        if (events.length === AT_ONCE) continue;
        // All before it was read; what is somebody else's isn't looked through again.
        if (BigInt(now.xact) > BigInt(last.xact)) last = now;
        await clock.wait(LOOK_MS, signal).catch(() => undefined);
      }
    },
  };
}

export type FollowFleet = ReturnType<typeof makeFollowFleet>;
