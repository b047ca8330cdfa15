import { Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { OfflineBanner } from './offline-banner.tsx';

/** Around every page: the way past the navigation, and whether there is a connection. */
export function RootFrame() {
  const { t } = useTranslation();
  return (
    <>
      <a href="#content" className="berth-skip">
        {t('app.skip')}
      </a>
      <OfflineBanner />
      <Outlet />
    </>
  );
}
