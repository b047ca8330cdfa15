import type { InfiniteData, Query, QueryClient } from '@tanstack/react-query';
import { type Page, pagesToRead, withPage } from './long-list.ts';

/** Of more pages than this not all are read again and again, but so many at a time. */
const READ_AT_ONCE = 5;

/** What the lists have in their rows: sites have a key, orders a number and their site's key. */
interface Row {
  key?: string;
  orderId?: string;
  site?: string;
}
type Pages = InfiniteData<Page<Row>, string>;

const idOf = ({ orderId, key }: Row) => orderId ?? key ?? '';
const siteOf = ({ site, key }: Row) => site ?? key ?? '';
const turns = new WeakMap<Query, number>();

/** Whether what was read is little enough to be read again whenever something happens. */
export function isShort(data: unknown): boolean {
  return ((data as Partial<Pages> | undefined)?.pages?.length ?? 0) <= READ_AT_ONCE;
}

/**
 * Reads some pages of each long list that is shown again: the first, those with a site that something happened to, and the others in turn.
 * @param touched keys of sites
 */
export async function readLongLists(client: QueryClient, touched: ReadonlySet<string>): Promise<void> {
  const lists = ['sites', 'orders'].flatMap((list) =>
    client.getQueryCache().findAll({ queryKey: [list], type: 'active' }),
  );
  await Promise.all(lists.filter(({ state }) => !isShort(state.data)).map((list) => readPages(client, list, touched)));
}

async function readPages(client: QueryClient, list: Query, touched: ReadonlySet<string>): Promise<void> {
  const { pages, pageParams } = list.state.data as Pages;
  const holding = pages.flatMap(({ data }, at) => (data.some((row) => touched.has(siteOf(row))) ? [at] : []));
  const turn = turns.get(list) ?? 1;
  turns.set(list, (turn + READ_AT_ONCE - 1) % pages.length);
  const read = list.options.queryFn as (asked: { pageParam: string; signal: AbortSignal }) => Promise<Page<Row>>;
  for (const at of pagesToRead(holding, pages.length, turn, READ_AT_ONCE)) {
    const fresh = await read({ pageParam: pageParams[at] ?? '', signal: new AbortController().signal }).catch(
      () => undefined,
    );
    if (!fresh) return;
    client.setQueryData<Pages>(list.queryKey, (now) => {
      if (!now || now.pageParams[at] !== pageParams[at]) return now;
      const joined = withPage(now.pages, at, fresh, idOf);
      // So much is new that the list begins anew with it.
      return joined ? { ...now, pages: joined } : { pages: [fresh], pageParams: now.pageParams.slice(0, 1) };
    });
  }
}
