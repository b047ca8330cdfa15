import type { SiteEvent } from '@berth/contract/site';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { joinEvents, siteEventsKey } from '../api/site-events.ts';
import { useFollowedEvents } from '../api/use-followed-events.ts';
import { useReadEvents } from '../api/use-read-events.ts';

const POLL_MS = 5000;
/** Also while the stream is open: a page says more than events tell, and a stream can be held back. */
const LIVE_MS = 30_000;
const GATHER_MS = 300;

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
    // What happened until it was open.
    if (isLive) readAgain(client, [['events'], ['site'], ['me']]);
  }, [isLive, client]);
  return isLive;
}

function readAgain(client: QueryClient, keys: readonly string[][]) {
  for (const queryKey of keys) void client.invalidateQueries({ queryKey });
}

/** All events of one of the customer's websites, the oldest first; those to come are put there by the stream. */
export function useOwnSiteEvents(key: string): { events: readonly SiteEvent[]; isForbidden: boolean } {
  return useReadEvents(key, useContext(Live));
}
