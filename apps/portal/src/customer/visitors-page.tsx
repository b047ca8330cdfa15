import { Button, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { siteQuery } from '../api/queries.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { Empty, Section } from '../parts/section.tsx';

const route = getRouteApi('/signed-in/my/$key/visitors');

/** How many people visit the website. */
export function VisitorsPage() {
  const { t } = useTranslation();
  const { key } = route.useParams();
  const site = useQuery(siteQuery(key));
  usePageTitle(t('customer.visitors.title'));
  if (!site.data) return site.error ? <BrokenPage error={site.error} /> : <Loading />;
  const isLive = site.data.liveAt !== null;
  return (
    <>
      <Title order={1}>{t('customer.visitors.title')}</Title>
      <Section title={t('customer.visitors.perDay')}>
        <Empty icon="chart" title={t('customer.visitors.emptyTitle')}>
          <p>{t(isLive ? 'customer.visitors.emptyLater' : 'customer.visitors.emptyWaiting')}</p>
          {!isLive && (
            <Button component={Link} to={`/my/${key}/domain`} variant="default">
              {t('customer.visitors.toDomain')}
            </Button>
          )}
        </Empty>
      </Section>
    </>
  );
}
