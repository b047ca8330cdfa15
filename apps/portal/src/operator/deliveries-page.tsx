import type { Delivery } from '@berth/contract/delivery';
import { Button, Group, NativeSelect, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { usePageTitle } from '../app/page-title.ts';
import { Empty } from '../parts/section.tsx';
import { DeliveryDrawer } from './delivery-drawer.tsx';
import { DeliveryPill } from './delivery-pill.tsx';
import { PagedSection } from './paged-section.tsx';
import { channels, deliveryStates } from './searches.ts';
import { ToldList } from './told-list.tsx';

const route = getRouteApi('/signed-in/ops/deliveries');
const EVERY_MS = 10_000;

/** What was told to whom, and what became of it. */
export function DeliveriesPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const [opened, open] = useState<string>();
  const found = useInfiniteQuery({
    queryKey: ['deliveries', 'list', search],
    queryFn: ({ pageParam, signal }) =>
      ask(
        'get',
        '/v1/deliveries',
        { query: { limit: 50, ...search, ...(pageParam && { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: EVERY_MS,
  });
  usePageTitle(t('operator.deliveries.title'));
  return (
    <>
      <Title order={1}>{t('operator.deliveries.title')}</Title>
      <Filters />
      <PagedSection title={t('operator.deliveries.title')} note={t('operator.deliveries.note')} found={found}>
        {(deliveries) => <List deliveries={deliveries} isFiltered={Object.keys(search).length > 0} onOpen={open} />}
      </PagedSection>
      {opened !== undefined && <DeliveryDrawer deliveryId={opened} onClose={() => open(undefined)} />}
    </>
  );
}

function Filters() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Group component="search">
      <NativeSelect
        aria-label={t('operator.deliveries.stateLabel')}
        value={search.state ?? ''}
        data={[
          { value: '', label: t('operator.deliveries.allStates') },
          ...deliveryStates.map((value) => ({ value, label: t(`operator.deliveries.state.${value}`) })),
        ]}
        onChange={(event) => {
          const state = deliveryStates.find((one) => one === event.currentTarget.value);
          void navigate({ search: ({ state: _, ...was }) => (state ? { ...was, state } : was), replace: true });
        }}
      />
      <NativeSelect
        aria-label={t('operator.deliveries.channel')}
        value={search.channel ?? ''}
        data={[
          { value: '', label: t('operator.deliveries.allChannels') },
          ...channels.map((value) => ({ value, label: t(`operator.deliveries.${value}`) })),
        ]}
        onChange={(event) => {
          const channel = channels.find((one) => one === event.currentTarget.value);
          void navigate({ search: ({ channel: _, ...was }) => (channel ? { ...was, channel } : was), replace: true });
        }}
      />
    </Group>
  );
}

interface ListProps {
  deliveries: readonly Delivery[];
  isFiltered: boolean;
  onOpen(id: string): void;
}

function List({ deliveries, isFiltered, onOpen }: ListProps) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  if (deliveries.length === 0) {
    return (
      <Empty icon="send" title={t(isFiltered ? 'operator.deliveries.noneFits' : 'operator.deliveries.none')}>
        {isFiltered ? (
          <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
            {t('operator.sites.clear')}
          </Button>
        ) : (
          <p>{t('operator.deliveries.noneText')}</p>
        )}
      </Empty>
    );
  }
  return (
    <ToldList
      all={deliveries.map((one) => ({
        id: one.id,
        pill: <DeliveryPill state={one.state} />,
        what: one.kind,
        of: one.site,
        who: `${t(`operator.deliveries.${one.channel}`)} · ${one.target}`,
        at: one.createdAt,
      }))}
      onOpen={onOpen}
    />
  );
}
