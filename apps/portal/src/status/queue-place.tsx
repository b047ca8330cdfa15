import type { QueuePlace } from '@berth/contract/operation';
import { useTranslation } from 'react-i18next';
import { sayDuration } from '../parts/time.tsx';

/** Where something is queued, and why it isn't its turn. */
export function QueuePlaceText({ place: { name, ahead, waitedSeconds, cause } }: { place: QueuePlace }) {
  const { t, i18n } = useTranslation();
  const why = {
    next: () => t('console.queue.next'),
    'in-work': () => t('console.queue.inWork'),
    'others-first': () => t('console.queue.place', { count: ahead }),
    'nobody-works': () => t('console.queue.nobody', { duration: sayDuration(waitedSeconds * 1000, i18n.language) }),
  }[cause];
  return (
    <p>
      {name && `${t('console.queue.name', { name })}: `}
      {why()}
    </p>
  );
}
