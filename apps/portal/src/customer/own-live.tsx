import type { FleetEvent, SiteEvent } from '@berth/contract/site';
import { useDocumentVisibility } from '@mantine/hooks';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { joinEvents, siteEventsKey } from '../api/site-events.ts';
import { useReadEvents } from '../api/use-read-events.ts';
import { useStream } from '../api/use-stream.ts';

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
 * all pages; who doesn't look at them doesn't follow.
 * @returns whether the stream is open
 */
function useOwnEvents(): boolean {
  const client = useQueryClient();
  const isVisible = useDocumentVisibility() === 'visible';
  const last = useRef<string>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const touched = useRef(new Set<string>());
  const refresh = (site: string) => {
    touched.current.add(site);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const sites = [...touched.current];
      touched.current.clear();
      readAgain(client, [['me'], ['operation'], ...sites.map((key) => ['site', key])]);
    }, GATHER_MS);
  };
  const isOpen = useStream(isVisible ? '/v1/events' : undefined, {
    lastId: () => last.current,
    onEvent: ({ id, data }) => {
      last.current = id;
      const { site, id: _place, ...event } = JSON.parse(data) as FleetEvent;
      client.setQueryData<SiteEvent[]>(siteEventsKey(site), (before) => before && joinEvents(before, [event]));
      refresh(site);
    },
  });
  const isLive = isOpen && isVisible;
  useEffect(() => {
    // What happened until it was open.
    if (isLive) readAgain(client, [['events'], ['site'], ['me']]);
  }, [isLive, client]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return isLive;
}

function readAgain(client: QueryClient, keys: readonly string[][]) {
  for (const queryKey of keys) void client.invalidateQueries({ queryKey });
}

/** All events of one of the customer's websites, the oldest first; those to come are put there by the stream. */
export function useOwnSiteEvents(key: string): { events: readonly SiteEvent[]; isForbidden: boolean } {
  return useReadEvents(key, useContext(Live));
}
