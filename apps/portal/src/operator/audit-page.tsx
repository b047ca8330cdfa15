import type { AuditEntry } from '@berth/contract/audit';
import { Button, NativeSelect, TextInput, Title } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { usePageTitle } from '../app/page-title.ts';
import { Empty } from '../parts/section.tsx';
import { AuditDrawer } from './audit-drawer.tsx';
import { AuditPill } from './audit-pill.tsx';
import classes from './filters.module.css';
import { PagedSection } from './paged-section.tsx';
import type { AuditSearch } from './searches.ts';
import { ToldList } from './told-list.tsx';
import { useChange, useChanges } from './use-change.ts';
import { useTypedSearch } from './use-typed-search.ts';

const route = getRouteApi('/signed-in/ops/audit');
const EVERY_MS = 5000;

/** Who changed what, with how it was before. */
export function AuditPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const [opened, open] = useState<string>();
  const found = useInfiniteQuery({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) =>
      ask('get', '/v1/audit', { query: { limit: 50, ...search, ...(pageParam && { cursor: pageParam }) } }, signal),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= 1 ? EVERY_MS : false),
  });
  usePageTitle(t('console.audit.title'));
  // How it ended comes later than that it began.
  const entry = found.data?.pages.flatMap((page) => page.data).find((one) => one.id === opened);
  return (
    <>
      <Title order={1}>{t('console.audit.title')}</Title>
      <Filters />
      <PagedSection title={t('console.audit.title')} note={t('console.audit.note')} found={found}>
        {(entries) => <List entries={entries} isFiltered={Object.keys(search).length > 0} onOpen={open} />}
      </PagedSection>
      {entry && <AuditDrawer entry={entry} onClose={() => open(undefined)} />}
    </>
  );
}

const fields = ['actor', 'target'] as const satisfies readonly (keyof AuditSearch)[];

function Filters() {
  const { t, i18n } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, type] = useTypedSearch(search, (wish) => void navigate({ search: wish, replace: true }));
  const hints = { actor: t('console.audit.actorHint'), target: t('console.audit.targetHint') };
  const sayChange = useChange();
  const options = useChanges()
    .map((value) => ({ value, label: sayChange(value) }))
    .sort((one, other) => one.label.localeCompare(other.label, i18n.language));
  return (
    <search className={classes.filters}>
      {fields.map((field) => (
        <TextInput
          key={field}
          className={classes.text}
          label={t(`console.audit.${field}`)}
          placeholder={hints[field]}
          value={typed[field] ?? ''}
          onChange={(event) => type(field, event.currentTarget.value)}
        />
      ))}
      <NativeSelect
        className={classes.text}
        label={t('console.audit.action')}
        value={typed.action ?? ''}
        data={[{ value: '', label: t('console.audit.allActions') }, ...options]}
        onChange={(event) => type('action', event.currentTarget.value)}
      />
    </search>
  );
}

interface ListProps {
  entries: readonly AuditEntry[];
  isFiltered: boolean;
  onOpen(id: string): void;
}

function List({ entries, isFiltered, onOpen }: ListProps) {
  const { t } = useTranslation();
  const sayChange = useChange();
  const navigate = route.useNavigate();
  if (entries.length === 0) {
    return (
      <Empty icon="shield" title={t(isFiltered ? 'console.audit.noneFits' : 'console.audit.none')}>
        {isFiltered && (
          <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
            {t('console.audit.clear')}
          </Button>
        )}
      </Empty>
    );
  }
  return (
    <ToldList
      all={entries.map((one) => ({
        id: one.id,
        pill: <AuditPill status={one.status} />,
        what: sayChange(one.action),
        of: one.target,
        who: `${t(`console.audit.kind.${one.actor.kind}`)} · ${one.actor.name}`,
        at: one.at,
      }))}
      onOpen={onOpen}
    />
  );
}
