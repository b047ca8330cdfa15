import type { SiteEvent } from '@berth/contract/site';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { isRefusal } from './ask.ts';
import { joinEvents, readSiteEvents, siteEventsKey } from './site-events.ts';

const POLL_MS = 5000;
const nothing: readonly SiteEvent[] = [];

/**
 * All events of a site, the oldest first, read on from where they were read. For a component of one site: another one's is mounted anew.
 * @param isLive whether a stream adds those to come; while none does, they are asked for
 */
export function useReadEvents(key: string, isLive: boolean) {
  const client = useQueryClient();
  const queryKey = siteEventsKey(key);
  const known = () => client.getQueryData<SiteEvent[]>(queryKey) ?? [];
  const from = useRef<string>(undefined);
  const { data, error, isPending, isFetching, refetch } = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const read = await readSiteEvents(key, signal, known().length > 0 ? from.current : undefined);
      from.current = read.from;
      // One may have come by the stream meanwhile.
      return joinEvents(known(), read.events);
    },
    refetchInterval: ({ state }) => (isLive || isRefusal(state.error, 403) ? false : POLL_MS),
  });
  const events = data ?? nothing;
  return { events, isForbidden: isRefusal(error, 403), isPending, isReading: isFetching, readOn: refetch, known };
}
