import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { protectionQuery } from '../api/queries.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { PlanLimits, Standing } from '../protection/standing.tsx';
import { TryForm } from '../protection/try-form.tsx';

const route = getRouteApi('/signed-in/my/$key/protection');

/** What protects the website, to be looked at: who runs it sets it up. */
export function ProtectionPage() {
  const { t } = useTranslation();
  const { key } = route.useParams();
  const { data, error } = useQuery(protectionQuery(key));
  usePageTitle(t('protection.ownTitle'));
  if (!data) return error ? <BrokenPage error={error} /> : <Loading />;
  return (
    <>
      <div>
        <Title order={1}>{t('protection.ownTitle')}</Title>
        <Text mt={6}>{t('protection.ownText')}</Text>
      </div>
      <Standing protection={data} />
      {data.hostnames.length > 0 && <TryForm key={key} siteKey={key} />}
      <PlanLimits protection={data} />
    </>
  );
}
