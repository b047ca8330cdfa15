import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Unreachable } from '../api/ask.ts';
import { Icon } from '../parts/icon.tsx';
import { sayShortMoment } from '../parts/time.tsx';
import { useClock } from './clock.ts';
import classes from './offline-banner.module.css';

/**
 * Says that what is shown isn't fresh: when the last thing that was asked for got no answer. What the browser believes is only taken for a hint
 * that something changed: to it a network without a way to us is one, and a network of this machine alone is none.
 */
export function OfflineBanner() {
  const { t, i18n } = useTranslation();
  const clock = useClock();
  const { isOffline, freshAt } = useConnection();
  if (!isOffline) return null;
  return (
    <div className={classes.banner} role="status">
      <Icon name="cloud" size={18} />
      {freshAt > 0
        ? t('state.offline', { when: sayShortMoment(new Date(freshAt).toISOString(), i18n.language, clock.now()) })
        : t('state.offlineNever')}
    </div>
  );
}

function useConnection(): { isOffline: boolean; freshAt: number } {
  const client = useQueryClient();
  const clock = useClock();
  const [connection, setConnection] = useState({ isOffline: false, freshAt: 0 });
  useEffect(() => {
    const failed = (isOffline: boolean) => setConnection(({ freshAt }) => ({ isOffline, freshAt }));
    const stop = client.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated') return;
      const { action } = event;
      if (action.type === 'success' && !action.manual) setConnection({ isOffline: false, freshAt: clock.now() });
      else if (action.type === 'failed' || action.type === 'error') failed(action.error instanceof Unreachable);
    });
    const lost = () => failed(true);
    const back = () => void client.invalidateQueries();
    addEventListener('offline', lost);
    addEventListener('online', back);
    return () => {
      stop();
      removeEventListener('offline', lost);
      removeEventListener('online', back);
    };
  }, [client, clock]);
  return connection;
}
