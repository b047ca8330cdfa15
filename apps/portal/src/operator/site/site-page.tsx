import type { SiteDetail } from '@berth/contract/site';
import { Anchor, Button, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { siteQuery } from '../../api/queries.ts';
import { siteName } from '../../api/site-name.ts';
import { useSiteEvents } from '../../api/use-site-events.ts';
import { BrokenPage, Loading } from '../../app/error-page.tsx';
import { usePageTitle } from '../../app/page-title.ts';
import { Icon } from '../../parts/icon.tsx';
import { Section } from '../../parts/section.tsx';
import { Ago, Moment } from '../../parts/time.tsx';
import { StatusPill } from '../../status/status-pill.tsx';
import { useReason } from '../../status/use-reason.ts';
import { useStatus } from '../../status/use-status.ts';
import { Actions } from './actions.tsx';
import { ContainerCard, DnsCard, TunnelCard } from './cards.tsx';
import { EventList } from './event-list.tsx';
import { HealthCard } from './health-card.tsx';
import { LogView } from './log-view.tsx';
import { SeeAsCustomer } from './see-as-customer.tsx';
import classes from './site-page.module.css';
import { StepTimeline } from './step-timeline.tsx';

const route = getRouteApi('/signed-in/ops/sites/$key');

/** Everything about one site, and what can be done about it. */
export function SitePage() {
  const { key } = route.useParams();
  const site = useQuery(siteQuery(key));
  if (site.data) return <Site key={key} site={site.data} readAtMs={site.dataUpdatedAt} />;
  return site.error ? <BrokenPage error={site.error} /> : <Loading />;
}

function Site({ site, readAtMs }: { site: SiteDetail; readAtMs: number }) {
  const { t } = useTranslation();
  const { events, isLive } = useSiteEvents(site.key);
  usePageTitle(siteName(site));
  return (
    <>
      <Head site={site} readAtMs={readAtMs} />
      <Group gap="sm" align="flex-start">
        <Actions site={site} />
        {site.parts.includes('tunnel') && (
          <Button
            component={Link}
            to={`/ops/sites/${site.key}/requests`}
            variant="default"
            leftSection={<Icon name="list" size={18} />}
          >
            {t('console.requests.link')}
          </Button>
        )}
        {site.parts.includes('tunnel') && (
          <Button
            component={Link}
            to={`/ops/sites/${site.key}/protection`}
            variant="default"
            leftSection={<Icon name="shield" size={18} />}
          >
            {t('protection.link')}
          </Button>
        )}
        <SeeAsCustomer customer={site.customer} />
      </Group>
      <HealthCard siteKey={site.key} />
      <div className={classes.columns}>
        <Section title={t('operator.site.steps')} note={t('operator.site.stepsNote')}>
          <StepTimeline site={site} events={events} />
        </Section>
        <div className={classes.stack}>
          {site.domain && <DnsCard site={site} />}
          <ContainerCard site={site} />
          {site.parts.includes('tunnel') && <TunnelCard site={site} />}
        </div>
      </div>
      <LogView siteKey={site.key} />
      <EventList events={events} isLive={isLive} />
    </>
  );
}

function Head({ site, readAtMs }: { site: SiteDetail; readAtMs: number }) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  const status = useStatus(site, readAtMs);
  return (
    <div>
      <Group gap="md">
        <Title order={1}>{siteName(site)}</Title>
        <span aria-live="polite">
          <StatusPill word={status.word} large />
        </span>
        {site.liveAt && site.url && (
          <Anchor href={site.url} target="_blank" rel="noreferrer" py={10}>
            <Group gap={7} component="span">
              {t('operator.site.open')}
              <Icon name="external" size={16} />
            </Group>
          </Anchor>
        )}
      </Group>
      <Text mt={6}>
        {reasonOf(status.reason, status.message)}
        {status.since && (
          <Text span c="dimmed">
            {' · '}
            {t('customer.website.since')} <Moment at={status.since} />
          </Text>
        )}
        {status.checkedAt && (
          <Text span c="dimmed">
            {' · '}
            {t('customer.website.checked')} <Ago at={status.checkedAt} />
          </Text>
        )}
      </Text>
      <dl className={classes.facts}>
        <Fact name={t('operator.site.key')}>{site.key}</Fact>
        <Fact name={t('operator.site.customer')}>{site.customer}</Fact>
        {site.orderId && <Fact name={t('operator.site.order')}>{site.orderId}</Fact>}
        {site.placement && (
          <Fact name={t('operator.site.host')}>
            <Link to="/ops/hosts/$host" params={{ host: site.placement.host }}>
              {site.placement.host}
            </Link>
          </Fact>
        )}
        <Fact name={t('operator.site.created')}>
          <Moment at={site.createdAt} />
        </Fact>
        {site.liveAt && (
          <Fact name={t('operator.site.liveSince')}>
            <Moment at={site.liveAt} />
          </Fact>
        )}
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
