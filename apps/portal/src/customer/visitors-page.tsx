import type { SiteDetail } from '@berth/contract/site';
import type { SiteTraffic } from '@berth/contract/traffic';
import { Button, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { siteQuery, trafficQuery } from '../api/queries.ts';
import { useClock } from '../app/clock.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { sayCountry } from '../parts/country.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Empty, Facts, Section } from '../parts/section.tsx';
import classes from './traffic-chart.module.css';
import { measureOf, TrafficChart } from './traffic-chart.tsx';

const route = getRouteApi('/signed-in/my/$key/visitors');

/** How many people visit the website. */
export function VisitorsPage() {
  const { t } = useTranslation();
  const { key } = route.useParams();
  const site = useQuery(siteQuery(key));
  const traffic = useQuery(trafficQuery(key, useClock()));
  usePageTitle(t('customer.visitors.title'));
  if (!site.data) return site.error ? <BrokenPage error={site.error} /> : <Loading />;
  const hasNumbers = traffic.data !== undefined && traffic.data.totals.requests > 0;
  return (
    <>
      <Title order={1}>{t('customer.visitors.title')}</Title>
      <Refusal error={traffic.error} />
      {hasNumbers ? <Numbers traffic={traffic.data} /> : <NoNumbers site={site.data} traffic={traffic.data} />}
    </>
  );
}

function NoNumbers({ site, traffic }: { site: SiteDetail; traffic: SiteTraffic | undefined }) {
  const { t } = useTranslation();
  const isLive = site.liveAt !== null;
  if (traffic?.notInPlan.includes('requests')) {
    return (
      <Section title={t('customer.visitors.period')}>
        <Empty icon="chart" title={t('customer.visitors.notInPlan')}>
          <p>{t('customer.visitors.notInPlanText')}</p>
        </Empty>
      </Section>
    );
  }
  return (
    <Section title={t('customer.visitors.period')}>
      <Empty icon="chart" title={t('customer.visitors.emptyTitle')}>
        <p>{t(isLive ? 'customer.visitors.emptyLater' : 'customer.visitors.emptyWaiting')}</p>
        {!isLive && (
          <Button component={Link} to={`/my/${site.key}/domain`} variant="default">
            {t('customer.visitors.toDomain')}
          </Button>
        )}
      </Empty>
    </Section>
  );
}

const MB = 1_000_000;
const KB = 1000;
const MOST_COUNTRIES = 8;

function Numbers({ traffic }: { traffic: SiteTraffic }) {
  const { t, i18n } = useTranslation();
  const { requests, visitors, bytes, cachedRequests } = traffic.totals;
  const number = new Intl.NumberFormat(i18n.language);
  const share = new Intl.NumberFormat(i18n.language, { style: 'percent' });
  const [unit, ofUnit] = bytes >= MB ? (['megabyte', MB] as const) : (['kilobyte', KB] as const);
  const size = new Intl.NumberFormat(i18n.language, { style: 'unit', unit, maximumFractionDigits: 1 });
  const orNot = (value: number | null, say: (value: number) => string) =>
    value === null ? t('customer.visitors.notInPlan') : say(value);
  const facts = [
    ['visitors', orNot(visitors, (value) => number.format(value))],
    ['requests', number.format(requests)],
    ['bytes', size.format(bytes / ofUnit)],
    ['cached', orNot(cachedRequests, (value) => share.format(value / Math.max(1, requests)))],
  ] as const;
  return (
    <>
      <Section title={t('customer.visitors.period')} note={t(`customer.visitors.${measureOf(traffic)}`)}>
        <TrafficChart traffic={traffic} />
      </Section>
      <Section title={t('customer.visitors.totals')} note={t('customer.visitors.ownChecks')}>
        <dl className={classes.totals}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{t(`customer.visitors.${name}`)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title={t('customer.visitors.countries')}>
        <Countries traffic={traffic} />
      </Section>
    </>
  );
}

function Countries({ traffic: { countries } }: { traffic: SiteTraffic }) {
  const { t, i18n } = useTranslation();
  if (countries === null) return t('customer.visitors.notInPlan');
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <Facts
      facts={countries
        .slice(0, MOST_COUNTRIES)
        .map(
          ({ country, requests }) =>
            [sayCountry(country, { t, language: i18n.language }), number.format(requests)] as const,
        )}
    />
  );
}
