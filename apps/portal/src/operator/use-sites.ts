import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { ask } from '../api/ask.ts';
import { fits } from './fits.ts';
import type { SitesSearch } from './searches.ts';

const AT_ONCE = 200;
const EVERY_MS = 10_000;
/** Of more pages than this the first isn't read again and again: all after it would be too. */
const REFRESHED_PAGES = 2;

/** The sites that fit a search, the newest first. The API doesn't search: while there is something to look for all pages are read, one after the other. */
export function useSites(search: SitesSearch) {
  const gone = search.gone || search.state === 'gone' ? 'true' : 'false';
  const query = useInfiniteQuery({
    queryKey: ['sites', gone],
    queryFn: ({ pageParam, signal }) =>
      ask('get', '/v1/sites', { query: { limit: AT_ONCE, gone, ...(pageParam && { cursor: pageParam }) } }, signal),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= REFRESHED_PAGES ? EVERY_MS : false),
  });
  const { data, hasNextPage, isFetching, fetchNextPage } = query;
  const looksForSomething = Boolean(search.q || search.state || search.environment);
  useEffect(() => {
    if (looksForSomething && hasNextPage && !isFetching) void fetchNextPage();
  }, [looksForSomething, hasNextPage, isFetching, fetchNextPage]);
  const { q, state, environment } = search;
  const read = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  const sites = useMemo(
    () =>
      read.filter((site) =>
        fits(site, { ...(q && { q }), ...(state && { state }), ...(environment && { environment }) }),
      ),
    [read, q, state, environment],
  );
  return { ...query, sites, readCount: read.length, isReadingOn: looksForSomething && hasNextPage };
}
