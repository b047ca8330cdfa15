import { useDocumentVisibility } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect } from 'react';
import { useFollowedEvents } from '../api/use-followed-events.ts';
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
 * Follows the events of all sites, and has the lists read again when something happens, at most twice a second.
 * @param isWanted false where a page follows something of its own
 * @returns whether the stream is open
 */
export function useFleetEvents(isWanted: boolean): boolean {
  const client = useQueryClient();
  const isVisible = useDocumentVisibility() === 'visible';
  const isLive = useFollowedEvents({
    isWanted,
    gatherMs: GATHER_MS,
    onTouched: (sites) => {
      for (const list of ['sites', 'orders', 'overview', 'hosts'])
        void client.invalidateQueries({ queryKey: [list], predicate: ({ state }) => isShort(state.data) });
      void readLongLists(client, sites);
    },
  });
  useEffect(() => {
    // What happened until it was open.
    if (isLive) void client.invalidateQueries({ queryKey: ['overview'] });
  }, [isLive, client]);
  useEffect(() => {
    if (!isWanted || !isVisible) return;
    const turn = setInterval(() => void readLongLists(client, new Set()), isLive ? LIVE_MS : POLL_MS);
    return () => clearInterval(turn);
  }, [isLive, isWanted, isVisible, client]);
  return isLive;
}
