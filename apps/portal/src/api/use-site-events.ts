import type { SiteEvent } from '@berth/contract/site';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { joinEvents, siteEventsKey } from './site-events.ts';
import { useReadEvents } from './use-read-events.ts';
import { useStream } from './use-stream.ts';

const GATHER_MS = 150;

/**
 * All events of a site, the oldest first, and those to come. While its stream is open nothing is asked for; each event has the site, its health
 * and its operations read again at once.
 */
export function useSiteEvents(key: string): { events: readonly SiteEvent[]; isLive: boolean; isForbidden: boolean } {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [isLive, setLive] = useState(false);

  const refresh = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      void client.invalidateQueries({ queryKey: ['site', key] });
      void client.invalidateQueries({ queryKey: ['operation'] });
    }, GATHER_MS);
  };
  const { events, isForbidden, isPending, known } = useReadEvents(key, isLive);
  const isOpen = useStream(isPending || isForbidden ? undefined : `/v1/sites/${encodeURIComponent(key)}/events`, {
    lastId: () => String(known().at(-1)?.seq ?? 0),
    onEvent: (event) => {
      const one = JSON.parse(event.data) as SiteEvent;
      client.setQueryData<SiteEvent[]>(siteEventsKey(key), (before) => joinEvents(before ?? [], [one]));
      refresh();
    },
  });
  useEffect(() => setLive(isOpen), [isOpen]);
  return { events, isLive, isForbidden };
}
