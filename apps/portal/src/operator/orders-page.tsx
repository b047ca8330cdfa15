import type { OrderSummary } from '@berth/contract/order';
import { Button, NativeSelect, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { Icon } from '../parts/icon.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { wordOfState } from '../status/eight-words.ts';
import { StatusPill } from '../status/status-pill.tsx';
import { isShort, useFleetInterval } from './fleet-live.tsx';
import classes from './orders-page.module.css';
import { states } from './searches.ts';

const route = getRouteApi('/signed-in/ops/orders');
const EVERY_MS = 10_000;
const TYPING_MS = 200;

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
  const orders = found.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <Title order={1}>{t('console.orders.title')}</Title>
      <Filters />
      {orders ? (
        <Section title={t('console.orders.listLabel')}>
          <List orders={orders} isFiltered={Object.keys(search).length > 0} />
          {found.hasNextPage && (
            <Button
              variant="subtle"
              mt="xs"
              loading={found.isFetchingNextPage}
              onClick={() => void found.fetchNextPage()}
            >
              {t('action.more')}
            </Button>
          )}
        </Section>
      ) : found.error ? (
        <BrokenPage error={found.error} />
      ) : (
        <Loading />
      )}
    </>
  );
}

function Filters() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [q, setQ] = useState(search.q ?? '');
  const look = useDebouncedCallback(
    (text: string) =>
      void navigate({ search: ({ q: _, ...was }) => (text ? { ...was, q: text } : was), replace: true }),
    TYPING_MS,
  );
  return (
    <search className={classes.filters}>
      <TextInput
        className={classes.text}
        aria-label={t('console.orders.search')}
        placeholder={t('console.orders.search')}
        leftSection={<Icon name="search" size={18} />}
        value={q}
        onChange={(event) => {
          setQ(event.currentTarget.value);
          look(event.currentTarget.value.trim());
        }}
      />
      <NativeSelect
        aria-label={t('operator.sites.state')}
        value={search.state ?? ''}
        data={[
          { value: '', label: t('operator.sites.all') },
          ...states.map((value) => ({ value, label: t(`operator.state.${value}`) })),
        ]}
        onChange={(event) => {
          const state = states.find((one) => one === event.currentTarget.value);
          void navigate({ search: ({ state: _, ...was }) => (state ? { ...was, state } : was), replace: true });
        }}
      />
    </search>
  );
}

function List({ orders, isFiltered }: { orders: readonly OrderSummary[]; isFiltered: boolean }) {
  const { t } = useTranslation();
  if (orders.length === 0) {
    return (
      <Empty icon="box" title={t(isFiltered ? 'console.orders.noneFits' : 'console.orders.none')}>
        {!isFiltered && <p>{t('console.orders.noneText')}</p>}
      </Empty>
    );
  }
  return (
    <ul className={classes.list}>
      {orders.map((order) => (
        <li key={order.orderId}>
          <Link to="/ops/sites/$key" params={{ key: order.site }} className={classes.row}>
            <StatusPill word={wordOfState(order.state)} />
            <span className={classes.domain}>{toUnicode(order.domain)}</span>
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
