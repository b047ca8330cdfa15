import type { SiteDetail } from '@berth/contract/site';
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { siteQuery } from '../api/queries.ts';
import { siteName } from '../api/site-name.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { Icon } from '../parts/icon.tsx';
import { Section } from '../parts/section.tsx';
import { Ago, Moment } from '../parts/time.tsx';
import type { SiteStatus } from '../status/eight-words.ts';
import { StatusPill } from '../status/status-pill.tsx';
import { useStatus } from '../status/use-status.ts';
import { History } from './history.tsx';
import { LogTail } from './log-tail.tsx';
import { useOwnInterval, useOwnSiteEvents } from './own-live.tsx';
import { Restart } from './restart.tsx';

const route = getRouteApi('/signed-in/my/$key/website');

/** How the website is, and what its owner can do about it. */
export function WebsitePage() {
  const { key } = route.useParams();
  const site = useQuery({ ...siteQuery(key), refetchInterval: useOwnInterval() });
  if (site.data) return <Website key={key} site={site.data} readAtMs={site.dataUpdatedAt} />;
  return site.error ? <BrokenPage error={site.error} /> : <Loading />;
}

function Website({ site, readAtMs }: { site: SiteDetail; readAtMs: number }) {
  const { t } = useTranslation();
  const { events, isForbidden } = useOwnSiteEvents(site);
  const status = useStatus(site, readAtMs);
  const name = siteName(site);
  usePageTitle(`${t('customer.website.title')} ${name}`);
  return (
    <>
      <Group justify="space-between">
        <Title order={1}>{name}</Title>
        {site.url && site.liveAt && (
          <Anchor href={site.url} target="_blank" rel="noreferrer" py={10}>
            <Group gap={8} component="span">
              {t('customer.website.open')}
              <Icon name="external" size={17} />
            </Group>
          </Anchor>
        )}
      </Group>
      <Section title={t('customer.website.status')}>
        <Status status={status} />
      </Section>
      <Restart site={site} />
      {!isForbidden && (
        <Section title={t('customer.website.history')}>
          <History events={events} />
        </Section>
      )}
      <LogTail siteKey={site.key} />
    </>
  );
}

function Status({ status }: { status: SiteStatus }) {
  const { t } = useTranslation();
  return (
    <Stack gap={10} aria-live="polite">
      <Group gap="md">
        <StatusPill word={status.word} large />
        {status.since && (
          <Text c="dimmed">
            {t('customer.website.since')} <Moment at={status.since} />
          </Text>
        )}
      </Group>
      <Text>{t(`customer.website.reason.${sentenceOf(status)}`)}</Text>
      <Text c="dimmed" fz="sm">
        {status.checkedAt ? (
          <>
            {t('customer.website.checked')} <Ago at={status.checkedAt} />
          </>
        ) : (
          t('customer.website.neverChecked')
        )}
      </Text>
    </Stack>
  );
}

/** Reasons that wait for the customer; all others that wait do so for us. */
const FOR_CUSTOMER = new Set([
  'NameserversNotChanged',
  'DnssecActive',
  'ZoneMoved',
  'ZoneNotInAccount',
  'ZoneElsewhere',
  'DomainNotRegistered',
]);

function sentenceOf({ word, reason }: SiteStatus) {
  if (reason === 'Gone') return 'gone';
  if (reason === 'Leaving') return 'leaving';
  if (reason === 'ZoneLeft' || reason === 'ZoneDeleted') return 'zoneLeft';
  if (word === 'waiting') return FOR_CUSTOMER.has(reason) ? 'waitingYou' : 'waitingUs';
  return word;
}
