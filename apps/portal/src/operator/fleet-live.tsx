import type { FleetEvent } from '@berth/contract/site';
import { useDocumentVisibility } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useRef } from 'react';
import { useStream } from '../api/use-stream.ts';
import { isShort, readLongLists } from './read-long-lists.ts';

const GATHER_MS = 500;
/** Also while the stream is open: a list holds more than events tell, and a stream can be held back. */
const LIVE_MS = 30_000;
const POLL_MS = 10_000;

const Live = createContext(false);
export const FleetLive = Live.Provider;

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
  const touched = useRef(new Set<string>());
  const refresh = (site: string) => {
    touched.current.add(site);
    // One after another, at most twice a second: a thousand sites at once are one reading.
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const list of ['sites', 'orders', 'overview', 'hosts'])
        void client.invalidateQueries({ queryKey: [list], predicate: ({ state }) => isShort(state.data) });
      void readLongLists(client, touched.current);
      touched.current = new Set();
    }, GATHER_MS);
  };
  const isOpen = useStream(isWanted && isVisible ? '/v1/events' : undefined, {
    lastId: () => last.current,
    onEvent: ({ id, data }) => {
      last.current = id;
      refresh((JSON.parse(data) as FleetEvent).site);
    },
  });
  const isLive = isOpen && isWanted && isVisible;
  useEffect(() => {
    // What happened until it was open.
    if (isLive) void client.invalidateQueries({ queryKey: ['overview'] });
  }, [isLive, client]);
  useEffect(() => {
    if (!isWanted || !isVisible) return;
    const turn = setInterval(() => void readLongLists(client, new Set()), isLive ? LIVE_MS : POLL_MS);
    return () => clearInterval(turn);
  }, [isLive, isWanted, isVisible, client]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return isLive;
}
