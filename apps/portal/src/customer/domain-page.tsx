import type { SiteDomain } from '@berth/contract/domain';
import type { SiteDetail } from '@berth/contract/site';
import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { domainQuery, siteQuery } from '../api/queries.ts';
import { siteName } from '../api/site-name.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { Callout, Facts, Section } from '../parts/section.tsx';
import { Ago, Moment } from '../parts/time.tsx';
import { DomainCheck } from './domain-check.tsx';
import { doneSteps } from './domain-steps.ts';
import { MailSafety, NameServers, RegistrarSteps, SendDnssecToExpert, SendToExpert } from './name-servers.tsx';
import { useOwnInterval } from './own-live.tsx';
import { StepList } from './step-list.tsx';
import { Withheld } from './withheld.tsx';

const route = getRouteApi('/signed-in/my/$key/domain');

/** How the customer's domain gets to the website: their part of it, and how far it is. */
export function DomainPage() {
  const { key } = route.useParams();
  const refetchInterval = useOwnInterval();
  const site = useQuery({ ...siteQuery(key), refetchInterval });
  const domain = useQuery({ ...domainQuery(key), refetchInterval });
  if (site.data) return <Domain key={key} site={site.data} domain={domain.data} />;
  return site.error ? <BrokenPage error={site.error} /> : <Loading />;
}

const Domain = memo(({ site, domain }: { site: SiteDetail; domain: SiteDomain | undefined }) => {
  const { t } = useTranslation();
  const name = siteName(site);
  const isActive = domain ? domain.zone === 'active' : site.zoneActiveAt !== null;
  const title = t(isActive ? 'customer.domain.doneTitle' : 'customer.domain.title', { domain: name });
  usePageTitle(title);
  return (
    <>
      <Title order={1}>{title}</Title>
      <Section title={t('customer.domain.steps')}>
        <StepList done={doneSteps(site)} />
      </Section>
      {isActive ? <Connected site={site} name={name} /> : <ToDo site={site} domain={domain} name={name} />}
    </>
  );
});

function ToDo({ site, domain, name }: { site: SiteDetail; domain: SiteDomain | undefined; name: string }) {
  const { t } = useTranslation();
  const names = domain?.nameServers.state === 'told' ? domain.nameServers.names : [];
  const zone = site.conditions.find((one) => one.aspect === 'zone');
  const ds = domain?.lastCheck?.ds;
  return (
    <>
      {(ds?.status === 'must-be-removed' || domain?.nameServers.reason === 'DnssecActive') && (
        <Callout tone="red" icon="shield" title={t('customer.domain.dsTitle')} role="alert">
          <p>{t('customer.domain.dsText')}</p>
          <SendDnssecToExpert domain={name} />
        </Callout>
      )}
      {names.length === 0 ? (
        <Withheld domain={domain} />
      ) : (
        <Section title={t('customer.domain.todoTitle')}>
          <Stack gap="lg">
            <Text>{t('customer.domain.todoText', { domain: name })}</Text>
            <NameServers names={names} />
            <SendToExpert domain={name} names={names} />
            <MailSafety mail={domain?.mail} />
          </Stack>
        </Section>
      )}
      {names.length > 0 && (
        <>
          <Section title={t('customer.domain.how')}>
            <RegistrarSteps found={domain?.lastCheck?.found ?? []} />
          </Section>
          <DomainCheck siteKey={site.key} last={domain?.lastCheck ?? null} expected={names} />
        </>
      )}
      <Text c="dimmed" fz="sm">
        {names.length > 0 && `${t('customer.domain.duration')} `}
        {zone?.observedAt && (
          <>
            {t('customer.domain.autoCheck')} <Ago at={zone.observedAt} />.
          </>
        )}
      </Text>
    </>
  );
}

function Connected({ site, name }: { site: SiteDetail; name: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Section title={t('customer.nav.domain')}>
        <Stack gap="md">
          <Text>{t('customer.domain.activeText')}</Text>
          <Facts
            facts={[
              site.zoneActiveAt !== null && [
                t('customer.domain.activeSince'),
                <Moment key="since" at={site.zoneActiveAt} />,
              ],
              [t('operator.site.hostnames'), site.hostnames.join(', ')],
            ]}
          />
          <NameServers names={site.nameServers} />
        </Stack>
      </Section>
      <Section title={t('customer.domain.back')}>
        <Text>{t('customer.domain.backText', { domain: name })}</Text>
      </Section>
    </>
  );
}
