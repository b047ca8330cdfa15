import type { SiteEvent } from '@berth/contract/site';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { isRefusal } from './ask.ts';
import { joinEvents, readSiteEvents, siteEventsKey } from './site-events.ts';
import { useStream } from './use-stream.ts';

const POLL_MS = 5000;
const GATHER_MS = 150;

/**
 * All events of a site, the oldest first, and those to come. While its stream is open nothing is asked for; each event has the site, its health
 * and its operations read again at once.
 */
export function useSiteEvents(key: string): { events: readonly SiteEvent[]; isLive: boolean; isForbidden: boolean } {
  const client = useQueryClient();
  const queryKey = siteEventsKey(key);
  const known = () => client.getQueryData<SiteEvent[]>(queryKey) ?? [];
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const from = useRef<string>(undefined);
  const [isLive, setLive] = useState(false);

  const refresh = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      void client.invalidateQueries({ queryKey: ['site', key] });
      void client.invalidateQueries({ queryKey: ['operation'] });
    }, GATHER_MS);
  };
  const { data, error, isPending } = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const read = await readSiteEvents(key, signal, known().length > 0 ? from.current : undefined);
      from.current = read.from;
      return joinEvents(known(), read.events);
    },
    refetchInterval: ({ state }) => (isLive || isRefusal(state.error, 403) ? false : POLL_MS),
  });
  const isOpen = useStream(
    isPending || isRefusal(error, 403) ? undefined : `/v1/sites/${encodeURIComponent(key)}/events`,
    {
      lastId: () => String(known().at(-1)?.seq ?? 0),
      onEvent: (event) => {
        const one = JSON.parse(event.data) as SiteEvent;
        client.setQueryData<SiteEvent[]>(queryKey, (before) => joinEvents(before ?? [], [one]));
        refresh();
      },
    },
  );
  useEffect(() => setLive(isOpen), [isOpen]);
  return { events: data ?? [], isLive, isForbidden: isRefusal(error, 403) };
}
