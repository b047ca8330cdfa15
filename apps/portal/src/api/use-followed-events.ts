import type { FleetEvent } from '@berth/contract/site';
import { useDocumentVisibility } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useStream } from './use-stream.ts';

interface Following {
  /** false where a page follows something of its own */
  isWanted?: boolean;
  /** how long after an event further ones are waited for: many at once are one reading */
  gatherMs: number;
  /** each event at once */
  onEvent?(event: FleetEvent): void;
  /** the sites that something happened to, after `gatherMs` */
  onTouched(sites: ReadonlySet<string>): void;
}

/**
 * Follows what happens to all sites that whoever signed in may see. Who doesn't look at the page doesn't follow: a browser opens few connections
 * to one server.
 * @returns whether the stream is open
 */
export function useFollowedEvents({ isWanted = true, gatherMs, onEvent, onTouched }: Following): boolean {
  const isVisible = useDocumentVisibility() === 'visible';
  const isFollowed = isWanted && isVisible;
  const last = useRef<string>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const touched = useRef(new Set<string>());
  const touch = (site: string) => {
    touched.current.add(site);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const sites = touched.current;
      touched.current = new Set();
      onTouched(sites);
    }, gatherMs);
  };
  const isOpen = useStream(isFollowed ? '/v1/events' : undefined, {
    lastId: () => last.current,
    onEvent: ({ id, data }) => {
      last.current = id;
      const event = JSON.parse(data) as FleetEvent;
      onEvent?.(event);
      touch(event.site);
    },
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return isOpen && isFollowed;
}
