import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { describe, expect, test } from 'vitest';
import { isShort, readLongLists } from './read-long-lists.ts';

const PAGES = 8;
const ROWS = 3;

/** A server with numbered sites, of whose list so many pages are shown. */
async function showPages(count: number) {
  const states = new Map(Array.from({ length: PAGES * ROWS }, (_, n) => [`c${n}`, 'online']));
  const asked: string[] = [];
  const client = new QueryClient();
  const list = new InfiniteQueryObserver(client, {
    queryKey: ['sites', {}],
    queryFn: async ({ pageParam }: { pageParam: string }) => {
      asked.push(pageParam);
      const from = Number(pageParam || 0);
      const keys = Array.from({ length: ROWS }, (_, n) => `c${from + n}`);
      const next = from + ROWS;
      return {
        data: keys.map((key) => ({ key, state: states.get(key) })),
        nextCursor: next < PAGES * ROWS ? String(next) : null,
      };
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    retry: false,
  });
  const stop = list.subscribe(() => undefined);
  for (let n = 0; n < count; n += 1) await list.fetchNextPage();
  asked.splice(0);
  const stateOf = (key: string) =>
    list
      .getCurrentResult()
      .data?.pages.flatMap(({ data }) => data)
      .find((row) => row.key === key)?.state;
  return { client, states, asked, stateOf, stop, data: () => list.getCurrentResult().data };
}

describe('readLongLists', () => {
  test('reads the page with a site that something happened to, of a list that is too long to be read as a whole', async () => {
    const { client, states, asked, stateOf, stop, data } = await showPages(PAGES);
    expect(isShort(data())).toBe(false);
    states.set('c20', 'degraded');
    await readLongLists(client, new Set(['c20']));
    expect(stateOf('c20')).toBe('degraded');
    expect(asked).toHaveLength(5);
    expect(data()?.pages).toHaveLength(PAGES);
    stop();
  });

  test('has come by every page after a few turns, whatever happened', async () => {
    const { client, states, asked, stateOf, stop } = await showPages(PAGES);
    for (const key of states.keys()) states.set(key, 'waiting');
    await readLongLists(client, new Set());
    await readLongLists(client, new Set());
    expect(new Set(asked).size).toBe(PAGES);
    expect(stateOf('c0')).toBe('waiting');
    expect(stateOf(`c${PAGES * ROWS - 1}`)).toBe('waiting');
    stop();
  });

  test('leaves short lists to those who read them as a whole', async () => {
    const { client, asked, stop } = await showPages(2);
    await readLongLists(client, new Set(['c1']));
    expect(asked).toEqual([]);
    stop();
  });
});
