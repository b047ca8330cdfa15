import type { SiteRequest, SiteRequests } from '@berth/contract/requests';
import { Anchor, Button, Text, TextInput, Title } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, Refused } from '../../api/ask.ts';
import { useSiteName } from '../../api/site-name.ts';
import { usePageTitle } from '../../app/page-title.ts';
import { sayNoCountry } from '../../parts/country.ts';
import { Empty } from '../../parts/section.tsx';
import { Moment } from '../../parts/time.tsx';
import { Pill } from '../../status/status-pill.tsx';
import { PagedSection } from '../paged-section.tsx';
import rows from '../row-list.module.css';
import { useTypedSearch } from '../use-typed-search.ts';
import { fromField, type RequestSearch, requestFilters, toField, toRequestQuery } from './request-search.ts';
import classes from './requests-page.module.css';

const route = getRouteApi('/signed-in/ops/sites/$key/requests');
const EVERY_MS = 15_000;

/** What a site's visitors asked for, to be searched. */
export function RequestsPage() {
  const { t } = useTranslation();
  const { key } = route.useParams();
  const search = route.useSearch();
  const found = useInfiniteQuery({
    queryKey: ['site', key, 'requests', search],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 100, ...toRequestQuery(search), ...(pageParam && { cursor: pageParam }) };
      return ask('get', '/v1/sites/{key}/requests', { params: { key }, query }, signal);
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    retry: false,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= 1 ? EVERY_MS : false),
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = found;
  const isLookingOn = hasNextPage && !data?.pages.some((page) => page.data.length > 0);
  // A page ends where enough was looked at: that nothing fits is known at the end alone.
  useEffect(() => {
    if (isLookingOn && !isFetching && !isError) void fetchNextPage();
  }, [isLookingOn, isFetching, isError, fetchNextPage]);
  const title = t('console.requests.title', { site: useSiteName(key) });
  usePageTitle(title);
  const isFiltered = Object.keys(search).length > 0;
  const first = found.data?.pages[0];
  return (
    <>
      <div>
        <Anchor component={Link} to={`/ops/sites/${key}`} py={10}>
          {t('console.requests.back')}
        </Anchor>
        <Title order={1}>{title}</Title>
      </div>
      <Filters />
      {isFiltered && isUnreadable(found.error) ? (
        <Text role="alert">{t('console.requests.refused')}</Text>
      ) : (
        <PagedSection
          title={t('console.requests.section')}
          {...(first?.source === 'sample' && { note: t('console.requests.sample') })}
          found={found}
        >
          {(all) => (
            <>
              {first && <Stand of={first} />}
              {all.length > 0 && <List requests={all} />}
              {all.length === 0 && !isLookingOn && first && <Nothing of={first} isFiltered={isFiltered} />}
            </>
          )}
        </PagedSection>
      )}
    </>
  );
}

/** Whether the API could not read what was asked: nothing else says anything about a filter. */
const isUnreadable = (error: unknown) => error instanceof Refused && error.problem.code === 'request.invalid';

const hints = { status: 'statusHint', address: 'addressHint' } as const;

function Filters() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, type] = useTypedSearch(
    toTyped(search),
    (wish) => void navigate({ search: toSearch(wish), replace: true }),
  );
  return (
    <search className={classes.filters}>
      {requestFilters.map((field) => (
        <TextInput
          key={field}
          label={t(`console.requests.${field}`)}
          {...((field === 'status' || field === 'address') && { placeholder: t(`console.requests.${hints[field]}`) })}
          {...((field === 'from' || field === 'to') && { type: 'datetime-local' })}
          value={typed[field] ?? ''}
          onChange={(event) => type(field, event.currentTarget.value)}
        />
      ))}
    </search>
  );
}

const withTimes = (search: RequestSearch, change: (text: string) => string): RequestSearch => ({
  ...search,
  ...(search.from !== undefined && { from: change(search.from) }),
  ...(search.to !== undefined && { to: change(search.to) }),
});
const toTyped = (search: RequestSearch) => withTimes(search, toField);
const toSearch = (typed: RequestSearch) => withTimes(typed, fromField);

function Stand({ of: { source, readUntil, skippedAt } }: { of: SiteRequests }) {
  const { t } = useTranslation();
  if (source !== 'sample' || !readUntil) return null;
  return (
    <Text c="dimmed">
      {t('console.requests.sampleUntil')} <Moment at={readUntil} />
      {skippedAt && (
        <>
          {' · '}
          {t('console.requests.skipped')} <Moment at={skippedAt} />
        </>
      )}
    </Text>
  );
}

function List({ requests }: { requests: readonly SiteRequest[] }) {
  const { t } = useTranslation();
  return (
    <ul className={rows.list}>
      {requests.map((one) => (
        <li key={one.id} className={classes.row}>
          <Pill tone={toneOf(one.status)}>{one.status}</Pill>
          <span className={rows.dim}>{one.method}</span>
          <span className={classes.path}>{one.path}</span>
          <span>{sayNoCountry(one.country, t) ?? one.country}</span>
          <span className={rows.dim}>
            {one.network ?? t('console.requests.noAddress')}
            {one.requests > 1 && ` · ${t('console.requests.times', { count: one.requests })}`}
          </span>
          <span className={rows.dim}>
            <Moment at={one.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function toneOf(status: number): 'green' | 'grey' | 'amber' | 'red' {
  if (status >= 500) return 'red';
  if (status >= 400) return 'amber';
  return status >= 300 ? 'grey' : 'green';
}

function Nothing({ of: { source, destination }, isFiltered }: { of: SiteRequests; isFiltered: boolean }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  if (isFiltered) {
    return (
      <Empty icon="list" title={t('console.requests.noneFits')}>
        <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
          {t('console.requests.clear')}
        </Button>
      </Empty>
    );
  }
  const name = source === 'sample' ? 'none' : source;
  return (
    <Empty icon="list" title={t(`console.requests.${name}`)}>
      <p>{t(`console.requests.${name}Text`, { destination: destination ?? '' })}</p>
    </Empty>
  );
}
