import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../app/page-title.ts';
import { Empty } from '../parts/section.tsx';

/** Somebody has signed in who has no website. */
export function NoSite() {
  const { t } = useTranslation();
  usePageTitle(t('customer.nav.sites'));
  return (
    <>
      <Title order={1}>{t('customer.nav.sites')}</Title>
      <Empty icon="anchor" title={t('customer.none.title')}>
        <p>{t('customer.none.text')}</p>
      </Empty>
    </>
  );
}
