import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ask } from '../api/ask.ts';
import { useFleetInterval } from './fleet-live.tsx';
import { isShort } from './read-long-lists.ts';
import type { SitesSearch } from './searches.ts';

const AT_ONCE = 100;
const EVERY_MS = 10_000;

/** The sites that fit a search, the newest first, page by page. */
export function useSites(search: SitesSearch) {
  const { gone, ...filter } = search;
  const everyMs = useFleetInterval(EVERY_MS);
  const query = useInfiniteQuery({
    queryKey: ['sites', search],
    queryFn: ({ pageParam, signal }) => {
      const asked = { limit: AT_ONCE, gone: gone ? 'true' : 'false', ...filter } as const;
      return ask('get', '/v1/sites', { query: { ...asked, ...(pageParam && { cursor: pageParam }) } }, signal);
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (isShort(state.data) ? everyMs : false),
  });
  const { data } = query;
  const sites = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  return { ...query, sites };
}
