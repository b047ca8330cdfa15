import type { LogLine } from '@berth/contract/logs';
import type { SiteEvent } from '@berth/contract/site';
import type { Database } from '@berth/shared/store/database';
import { readSiteDomain } from '@berth/shared/store/domain-checks';
import { readSiteHealth } from '@berth/shared/store/read-site-health';
import { readSiteParts } from '@berth/shared/store/read-sites';
import { presentDomain } from '../presenters/present-domain.ts';
import { presentOwnEvent, presentOwnHealth } from '../presenters/present-own.ts';
import { presentOwnSite } from '../presenters/present-own-site.ts';
import { presentSite } from '../presenters/present-site.ts';
import type { CheckDomain } from '../use-cases/check-domain.ts';
import type { FollowEvents } from '../use-cases/follow-events.ts';
import type { FollowLogs } from '../use-cases/follow-logs.ts';
import { readSiteRequests } from '../use-cases/read-site-requests.ts';
import type { ReadSiteTraffic } from '../use-cases/read-site-traffic.ts';
import type { makeReadTunnel } from '../use-cases/read-tunnel.ts';
import { ownerOf } from './caller.ts';
import { parseRequestCursor, parseSeqCursor, toRequestCursor, toSeqCursor } from './cursor.ts';
import { lastEventIdOf, sendEventStream, wantsEventStream } from './event-stream.ts';
import { getSite } from './get-site.ts';
import type { Handlers } from './handler-types.ts';
import { page } from './page.ts';
import { closing } from './request-closing.ts';

export interface SiteHandlerDeps {
  db: Database;
  now(): Date;
  /** the process stops: nobody is kept waiting any more */
  stopping: AbortSignal;
  followEvents: FollowEvents;
  followLogs: FollowLogs;
  readTunnel: ReturnType<typeof makeReadTunnel>;
  checkDomain: CheckDomain;
  readSiteTraffic: ReadSiteTraffic;
}

type Answered =
  | 'getSite'
  | 'getSiteDomain'
  | 'checkDomain'
  | 'getSiteHealth'
  | 'getSiteTraffic'
  | 'listSiteRequests'
  | 'getSiteTunnel'
  | 'listSiteEvents'
  | 'listSiteLogs';

/** What is known of one site; who owns it is shown what is theirs. */
export function makeSiteHandlers(deps: SiteHandlerDeps): Pick<Handlers, Answered> {
  const { db, now, stopping, followEvents, followLogs, readTunnel, checkDomain, readSiteTraffic } = deps;
  return {
    async getSite({ params, caller }) {
      const site = await getSite(db, params.key);
      const whole = presentSite(site, await readSiteParts(db, site.id), now());
      return ownerOf(caller) ? presentOwnSite(whole) : whole;
    },
    async getSiteDomain({ params }) {
      return presentDomain(await readSiteDomain(db, params.key ?? ''));
    },
    checkDomain: ({ params, requestId }) => checkDomain(params.key ?? '', requestId),
    async getSiteHealth({ params, caller }) {
      const { id, key } = await getSite(db, params.key);
      const health = { site: key, ...(await readSiteHealth(db, id)) };
      return ownerOf(caller) ? presentOwnHealth(health) : health;
    },
    getSiteTraffic: async ({ params, query }) => readSiteTraffic(await getSite(db, params.key), query),
    async listSiteRequests(call) {
      const { id } = await getSite(db, call.params.key);
      const { next, ...read } = await readSiteRequests(db, id, call.query, parseRequestCursor(call.query.cursor));
      const { nextCursor } = page(call, read.data, next && toRequestCursor(next));
      return { ...read, nextCursor, destination: ownerOf(call.caller) ? null : read.destination };
    },
    async getSiteTunnel({ params, request }) {
      return readTunnel(await getSite(db, params.key), closing(request));
    },
    async listSiteEvents(call) {
      const { id } = await getSite(db, call.params.key);
      const after = parseSeqCursor(call.query.cursor);
      const present = (event: SiteEvent) => (ownerOf(call.caller) ? presentOwnEvent(event) : event);
      if (wantsEventStream(call.request)) {
        const from = lastEventIdOf(call.request) ?? after;
        const toEvent = (event: SiteEvent) => ({ id: event.seq, type: event.type, data: present(event) });
        await sendEventStream(call, (signal) => followEvents.follow(id, from, signal), toEvent, stopping);
        return undefined;
      }
      const events = await followEvents.list(id, after, call.query.limit + 1);
      const shown = events.slice(0, call.query.limit).map(present);
      const last = shown.at(-1);
      return page(call, shown, last && events.length > shown.length ? toSeqCursor(last.seq) : null);
    },
    async listSiteLogs(call) {
      const { id } = await getSite(db, call.params.key);
      // What a tunnel writes names the edge's and the host's addresses.
      const query = ownerOf(call.caller) ? { ...call.query, source: 'container' as const } : call.query;
      if (query.follow === '1' || wantsEventStream(call.request)) {
        const after = lastEventIdOf(call.request) ?? query.after;
        const wish = { ...query, after: after === undefined ? undefined : String(after) };
        const toEvent = (line: LogLine) => ({ id: line.id, type: 'line', data: line });
        await sendEventStream(call, (signal) => followLogs.follow(id, wish, signal), toEvent, stopping);
        return undefined;
      }
      const lines = await followLogs.list(id, query);
      return page(call, lines, null);
    },
  };
}
