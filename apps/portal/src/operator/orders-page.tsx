import type { OrderSummary } from '@berth/contract/order';
import { Button, Title } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { usePageTitle } from '../app/page-title.ts';
import { Empty } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { wordOfState } from '../status/eight-words.ts';
import { StatusPill } from '../status/status-pill.tsx';
import filters from './filters.module.css';
import { useFleetInterval } from './fleet-live.tsx';
import { PagedSection } from './paged-section.tsx';
import { isShort } from './read-long-lists.ts';
import classes from './row-list.module.css';
import { SearchBox, StateSelect } from './search-box.tsx';

const route = getRouteApi('/signed-in/ops/orders');
const EVERY_MS = 10_000;

/** What was ordered, and what became of it. */
export function OrdersPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const everyMs = useFleetInterval(EVERY_MS);
  const found = useInfiniteQuery({
    queryKey: ['orders', search],
    queryFn: ({ pageParam, signal }) =>
      ask('get', '/v1/orders', { query: { limit: 50, ...search, ...(pageParam && { cursor: pageParam }) } }, signal),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (isShort(state.data) ? everyMs : false),
  });
  usePageTitle(t('console.orders.title'));
  return (
    <>
      <Title order={1}>{t('console.orders.title')}</Title>
      <Filters />
      <PagedSection title={t('console.orders.listLabel')} found={found}>
        {(orders) => <List orders={orders} isFiltered={Object.keys(search).length > 0} />}
      </PagedSection>
    </>
  );
}

function Filters() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <search className={filters.filters}>
      <SearchBox
        label={t('console.orders.search')}
        className={filters.text}
        value={search.q}
        onSearch={(q) => void navigate({ search: ({ q: _, ...was }) => (q ? { ...was, q } : was), replace: true })}
      />
      <StateSelect
        value={search.state}
        onSelect={(state) =>
          void navigate({ search: ({ state: _, ...was }) => (state ? { ...was, state } : was), replace: true })
        }
      />
    </search>
  );
}

function List({ orders, isFiltered }: { orders: readonly OrderSummary[]; isFiltered: boolean }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  if (orders.length === 0) {
    return (
      <Empty icon="box" title={t(isFiltered ? 'console.orders.noneFits' : 'console.orders.none')}>
        {isFiltered ? (
          <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
            {t('operator.sites.clear')}
          </Button>
        ) : (
          <p>{t('console.orders.noneText')}</p>
        )}
      </Empty>
    );
  }
  return (
    <ul className={classes.list}>
      {orders.map((order) => (
        <li key={order.orderId}>
          <Link to="/ops/sites/$key" params={{ key: order.site }} className={classes.row} data-columns={5}>
            <StatusPill word={wordOfState(order.state)} />
            <span className={classes.name}>{toUnicode(order.domain)}</span>
            <span>
              {order.customer.name} <span className={classes.dim}>{order.customer.id}</span>
            </span>
            <span className={classes.dim}>
              {t('operator.site.order')} {order.orderId}
            </span>
            <span className={classes.dim}>
              <Moment at={order.createdAt} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
