import type { SiteState } from '@berth/contract/order';
import type { Overview } from '@berth/contract/overview';
import { Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { overviewQuery } from '../api/queries.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { Facts, Section } from '../parts/section.tsx';
import { sayDuration } from '../parts/time.tsx';
import { wordOfState } from '../status/eight-words.ts';
import { StatusPill } from '../status/status-pill.tsx';
import { useFleetInterval } from './fleet-live.tsx';
import classes from './home-page.module.css';
import { IncidentList } from './incident-list.tsx';
import { NeedsAttention } from './needs-attention.tsx';
import { states } from './searches.ts';

const OFTEN_MS = 5000;

/** What needs a person, before anything else. */
export function HomePage() {
  const { t } = useTranslation();
  const { data, error } = useQuery({ ...overviewQuery, refetchInterval: useFleetInterval(OFTEN_MS) });
  usePageTitle(t('operator.home.title'));
  if (!data) return error ? <BrokenPage error={error} /> : <Loading />;
  return (
    <>
      <Title order={1}>{t('operator.home.title')}</Title>
      <NeedsAttention overview={data} />
      <div className={classes.columns}>
        <Section title={t('operator.home.incidents')}>
          <IncidentList incidents={data.incidents} />
        </Section>
        <Section title={t('operator.home.sites')}>
          <States sites={data.sites} />
        </Section>
        <ToLive toLive={data.toLive} />
      </div>
    </>
  );
}

function States({ sites }: { sites: Partial<Record<SiteState, number>> }) {
  return (
    <Stack gap={4}>
      {states
        .filter((state) => sites[state])
        .map((state) => (
          <Link key={state} to="/ops/sites" search={{ state }} className={classes.state}>
            <StatusPill word={wordOfState(state)} />
            <strong>{sites[state]}</strong>
          </Link>
        ))}
    </Stack>
  );
}

function ToLive({ toLive }: { toLive: Overview['toLive'] }) {
  const { t, i18n } = useTranslation();
  const say = (seconds: number | null) => (seconds === null ? '–' : sayDuration(seconds * 1000, i18n.language));
  const { fromOrder, fromActive } = toLive;
  return (
    <Section title={t('operator.home.toLive', { days: toLive.days })}>
      {fromOrder.sites === 0 ? (
        <Text c="dimmed">{t('operator.home.toLiveNone')}</Text>
      ) : (
        <Stack gap="sm">
          {[['fromOrder', fromOrder] as const, ['fromActive', fromActive] as const].map(([name, one]) => (
            <div key={name}>
              <Group justify="space-between">
                <Text fw={600}>{t(`operator.home.${name}`)}</Text>
                <Text c="dimmed" fz="sm">
                  {t('operator.home.siteCount', { count: one.sites })}
                </Text>
              </Group>
              <Facts
                facts={[
                  [t('operator.home.p50'), say(one.p50Seconds)],
                  [t('operator.home.p95'), say(one.p95Seconds)],
                ]}
              />
            </div>
          ))}
        </Stack>
      )}
    </Section>
  );
}
