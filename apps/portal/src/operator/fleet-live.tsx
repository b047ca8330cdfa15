import { useDocumentVisibility } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useRef } from 'react';
import { useStream } from '../api/use-stream.ts';

const GATHER_MS = 500;
/** Also while the stream is open: a list holds more than events tell, and a stream can be held back. */
const LIVE_MS = 30_000;

const Live = createContext(false);
export const FleetLive = Live.Provider;

/** Of more pages than this the first isn't read again and again: all after it would be too. */
const REFRESHED_PAGES = 5;

/** Whether what was read is little enough to be read again whenever something happens. */
export function isShort(data: unknown): boolean {
  return ((data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0) <= REFRESHED_PAGES;
}

/** How often a list is read again: seldom while events tell when, every `polledMs` while they don't. */
export function useFleetInterval(polledMs: number): number {
  return useContext(Live) ? LIVE_MS : polledMs;
}

/**
 * Follows the events of all sites, and has the lists read again when something happens. Who doesn't look at the page doesn't follow: a browser
 * opens few connections to one server.
 * @param isWanted false where a page follows something of its own
 * @returns whether the stream is open
 */
export function useFleetEvents(isWanted: boolean): boolean {
  const client = useQueryClient();
  const isVisible = useDocumentVisibility() === 'visible';
  const last = useRef<string>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const refresh = () => {
    // One after another, at most twice a second: a thousand sites at once are one reading.
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const list of ['sites', 'orders', 'overview', 'hosts'])
        void client.invalidateQueries({ queryKey: [list], predicate: ({ state }) => isShort(state.data) });
    }, GATHER_MS);
  };
  const isOpen = useStream(isWanted && isVisible ? '/v1/events' : undefined, {
    lastId: () => last.current,
    onEvent: ({ id }) => {
      last.current = id;
      refresh();
    },
  });
  const isLive = isOpen && isWanted && isVisible;
  useEffect(() => {
    // What happened until it was open.
    if (isLive) void client.invalidateQueries({ queryKey: ['overview'] });
  }, [isLive, client]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return isLive;
}
