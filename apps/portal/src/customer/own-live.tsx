import type { SiteDetail, SiteEvent } from '@berth/contract/site';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { isBehind, joinEvents, siteEventsKey } from '../api/site-events.ts';
import { useFollowedEvents } from '../api/use-followed-events.ts';
import { useReadEvents } from '../api/use-read-events.ts';

const POLL_MS = 5000;
/** Also while the stream is open: a page says more than events tell, and a stream can be held back. */
const LIVE_MS = 30_000;
const GATHER_MS = 300;
/** How long the stream may take to bring what the site tells of already. */
const STREAM_MS = 1500;

const Live = createContext(false);

/** Follows what happens for the pages in it; only those that ask whether it does are drawn anew when that changes. */
export function OwnLive({ children }: { children: ReactNode }) {
  return <Live value={useOwnEvents()}>{children}</Live>;
}

/** How often a customer's page is read again: seldom while events tell when, every few seconds while they don't. */
export function useOwnInterval(): number {
  return useContext(Live) ? LIVE_MS : POLL_MS;
}

/**
 * Follows what happens to the customer's own websites, and has their pages and the list of them read again when something does. One stream for
 * all pages.
 * @returns whether the stream is open
 */
function useOwnEvents(): boolean {
  const client = useQueryClient();
  const isLive = useFollowedEvents({
    gatherMs: GATHER_MS,
    onEvent: ({ site, id: _place, ...event }) => {
      client.setQueryData<SiteEvent[]>(siteEventsKey(site), (before) => before && joinEvents(before, [event]));
    },
    onTouched: (sites) => readAgain(client, [['me'], ['operation'], ...[...sites].map((key) => ['site', key])]),
  });
  useEffect(() => {
    // What happened until it was open. Whether there are events among it, the site says itself.
    if (isLive) readAgain(client, [['site'], ['me']]);
  }, [isLive, client]);
  return isLive;
}

function readAgain(client: QueryClient, keys: readonly string[][]) {
  for (const queryKey of keys) void client.invalidateQueries({ queryKey });
}

/**
 * All events of one of the customer's websites, the oldest first; those to come are put there by the stream. What came neither with the first
 * reading nor by the stream is read once the site tells of it.
 * @param eventSeq the number of its last event, as the site says
 */
export function useOwnSiteEvents({ key, eventSeq }: Pick<SiteDetail, 'key' | 'eventSeq'>) {
  const { events, isForbidden, isReading, readOn } = useReadEvents(key, useContext(Live));
  const triedFor = useRef(0);
  useEffect(() => {
    // Once for each: of a site that is long gone there are none any more.
    if (isReading || isForbidden || !isBehind(events, eventSeq) || triedFor.current === eventSeq) return;
    const timer = setTimeout(() => {
      triedFor.current = eventSeq;
      void readOn();
    }, STREAM_MS);
    return () => clearTimeout(timer);
  }, [events, eventSeq, isReading, isForbidden, readOn]);
  return { events, isForbidden };
}
