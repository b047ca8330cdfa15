import { Button, Checkbox, Group, NativeSelect, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { Empty } from '../parts/section.tsx';
import classes from './filters.module.css';
import { SearchBox, StateSelect } from './search-box.tsx';
import { environments, type SitesSearch } from './searches.ts';
import { SiteTable } from './site-table.tsx';
import { useSites } from './use-sites.ts';

const route = getRouteApi('/signed-in/ops/sites');

/** All sites, or those that are looked for; the filters are in the address, so that they can be kept and sent. */
export function SitesPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const found = useSites(search);
  usePageTitle(t('operator.sites.title'));
  const { sites, error, data } = found;
  const count = `${t('operator.sites.count', { count: sites.length })}${found.hasNextPage ? ' +' : ''}`;
  return (
    <>
      <Group justify="space-between" align="baseline">
        <Title order={1}>{t('operator.sites.title')}</Title>
        <Text c="dimmed" role="status">
          {data && count}
        </Text>
      </Group>
      <Filters />
      {!data ? (
        error ? (
          <BrokenPage error={error} />
        ) : (
          <Loading />
        )
      ) : sites.length === 0 ? (
        <Nothing />
      ) : (
        <SiteTable sites={sites} onEnd={() => found.hasNextPage && !found.isFetching && void found.fetchNextPage()} />
      )}
    </>
  );
}

function useFilters() {
  const navigate = route.useNavigate();
  return (change: SitesSearch | ((was: SitesSearch) => SitesSearch)) =>
    void navigate({ search: typeof change === 'function' ? change : () => change, replace: true });
}

function Filters() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const filter = useFilters();
  return (
    <search className={classes.filters}>
      <SearchBox
        label={t('operator.sites.search')}
        className={classes.text}
        value={search.q}
        onSearch={(q) => filter(({ q: _, ...was }) => (q ? { ...was, q } : was))}
      />
      <StateSelect
        value={search.state}
        onSelect={(state) => filter(({ state: _, ...was }) => (state ? { ...was, state } : was))}
      />
      <NativeSelect
        aria-label={t('operator.sites.environment')}
        value={search.environment ?? ''}
        data={[
          { value: '', label: t('operator.sites.allEnvironments') },
          ...environments.map((value) => ({ value, label: t(`operator.sites.${value}`) })),
        ]}
        onChange={(event) => {
          const environment = environments.find((one) => one === event.currentTarget.value);
          filter(({ environment: _, ...was }) => (environment ? { ...was, environment } : was));
        }}
      />
      <Checkbox
        label={t('operator.sites.gone')}
        checked={search.gone === true}
        onChange={(event) => {
          const gone = event.currentTarget.checked;
          filter(({ gone: _, ...was }) => (gone ? { ...was, gone } : was));
        }}
      />
    </search>
  );
}

function Nothing() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const filter = useFilters();
  if (Object.keys(search).length === 0) {
    return (
      <Empty icon="globe" title={t('operator.home.noSites')}>
        <p>{t('operator.home.noSitesText')}</p>
        <code>npm run demo</code>
      </Empty>
    );
  }
  return (
    <Empty icon="search" title={t('operator.sites.none')}>
      <p>{t('operator.sites.noneText')}</p>
      <Button variant="default" onClick={() => filter({})}>
        {t('operator.sites.clear')}
      </Button>
    </Empty>
  );
}
