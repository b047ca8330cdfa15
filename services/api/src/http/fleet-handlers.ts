import type { FleetEvent } from '@berth/contract/site';
import type { Database } from '@berth/shared/store/database';
import { fleetBeginning, type FleetEvent as ReadFleetEvent } from '@berth/shared/store/fleet-events';
import { listSites, type SitesWish } from '@berth/shared/store/list-sites';
import type { Request } from 'express';
import { presentOwnEvent } from '../presenters/present-own.ts';
import { presentOrderSummary, presentSummary } from '../presenters/present-site.ts';
import { stateRules } from '../presenters/site-state.ts';
import type { FollowFleet } from '../use-cases/follow-fleet.ts';
import { ownerOf } from './caller.ts';
import { parseCursor, parseFleetCursor, toCursor, toFleetCursor } from './cursor.ts';
import { sendEventStream, wantsEventStream } from './event-stream.ts';
import type { Handlers } from './handler-types.ts';
import { page } from './page.ts';

interface Deps {
  db: Database;
  followFleet: FollowFleet;
  /** the process stops: nobody is kept waiting any more */
  stopping: AbortSignal;
}

type FleetRoute = 'listOrders' | 'listSites' | 'listEvents';

/** What the routes do that look at all sites at once. */
export function makeFleetHandlers({ db, followFleet, stopping }: Deps): Pick<Handlers, FleetRoute> {
  const list = async (wish: Omit<SitesWish, 'after'>, cursor: string | undefined) => {
    const { sites, next } = await listSites(db, { ...wish, after: parseCursor(cursor) }, stateRules);
    return { sites, nextCursor: next ? toCursor(next) : null };
  };
  return {
    async listSites(call) {
      const { cursor, gone, ...filter } = call.query;
      const wish = { ...filter, gone: gone === 'true', owner: ownerOf(call.caller) };
      const { sites, nextCursor } = await list(wish, cursor);
      return page(call, sites.map(presentSummary), nextCursor);
    },
    async listOrders(call) {
      const { cursor, ...filter } = call.query;
      const { sites, nextCursor } = await list({ ...filter, gone: true, ordered: true }, cursor);
      return page(call, sites.map(presentOrderSummary), nextCursor);
    },
    async listEvents(call) {
      const owner = ownerOf(call.caller);
      const { cursor, limit } = call.query;
      const present = ({ position, ...event }: ReadFleetEvent): FleetEvent => {
        const id = toFleetCursor(position);
        return { ...(owner ? presentOwnEvent(event) : event), site: event.site, id };
      };
      const after = lastReadOf(call.request) ?? (cursor === undefined ? undefined : parseFleetCursor(cursor));
      if (wantsEventStream(call.request)) {
        const toEvent = (event: ReadFleetEvent) => {
          const data = present(event);
          return { id: data.id, type: data.type, data };
        };
        // Before the answer begins: whoever sees that it's open misses nothing from then on.
        const from = await followFleet.begin(after);
        await sendEventStream(call, (signal) => followFleet.follow(from, owner, signal), toEvent, stopping);
        return undefined;
      }
      const events = await followFleet.list(after ?? fleetBeginning, limit + 1, owner);
      const shown = events.slice(0, limit);
      const last = shown.at(-1);
      return page(call, shown.map(present), last && events.length > limit ? toFleetCursor(last.position) : null);
    },
  };
}

/** The place of the last event that the caller has read. @throws BerthError `request.invalid` */
function lastReadOf(request: Request) {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && header !== '' ? parseFleetCursor(header, '#header/Last-Event-ID') : undefined;
}
