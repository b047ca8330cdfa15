import type { Delivery } from '@berth/contract/delivery';
import { useTranslation } from 'react-i18next';
import { Pill } from '../status/status-pill.tsx';

const tones = { pending: 'blue', delivered: 'green', failed: 'red', canceled: 'grey' } as const;
const icons = { pending: 'clock', delivered: 'check', failed: 'cross', canceled: 'pause' } as const;

/** What became of a message, in a word. */
export function DeliveryPill({ state }: { state: Delivery['state'] }) {
  const { t } = useTranslation();
  return (
    <Pill tone={tones[state]} icon={icons[state]}>
      {t(`operator.deliveries.state.${state}`)}
    </Pill>
  );
}
