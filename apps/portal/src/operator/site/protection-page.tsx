import { Anchor, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { protectionQuery } from '../../api/queries.ts';
import { useSiteName } from '../../api/site-name.ts';
import { BrokenPage, Loading } from '../../app/error-page.tsx';
import { usePageTitle } from '../../app/page-title.ts';
import { may, useMe } from '../../app/use-me.ts';
import { PlanLimits, Standing } from '../../protection/standing.tsx';
import { TryForm } from '../../protection/try-form.tsx';
import { ProtectionForm } from './protection-form.tsx';

const route = getRouteApi('/signed-in/ops/sites/$key/protection');

/** Who may visit a site, from where, how often: as it is, as it would be, and for whom. */
export function ProtectionPage() {
  const { t } = useTranslation();
  const me = useMe();
  const { key } = route.useParams();
  const { data, error } = useQuery(protectionQuery(key));
  const title = t('protection.title', { site: useSiteName(key) });
  usePageTitle(title);
  if (!data) return error ? <BrokenPage error={error} /> : <Loading />;
  const isVisited = data.hostnames.length > 0;
  const mayChange = may(me, 'sites:write');
  return (
    <>
      <div>
        <Anchor component={Link} to={`/ops/sites/${key}`} py={10}>
          {t('protection.back')}
        </Anchor>
        <Title order={1}>{title}</Title>
        {!mayChange && <Text mt={6}>{t('protection.readOnly')}</Text>}
      </div>
      <Standing protection={data} />
      {isVisited && <TryForm key={`try-${key}`} siteKey={key} />}
      {isVisited && mayChange && <ProtectionForm key={`form-${key}`} protection={data} />}
      <PlanLimits protection={data} />
    </>
  );
}
