import { useTranslation } from 'react-i18next';
import { Pill } from '../status/status-pill.tsx';

const LEAST_REFUSED = 400;

/** How a change ended. @param status the answer's; null where the process ended before it was known */
export function AuditPill({ status }: { status: number | null }) {
  const { t } = useTranslation();
  if (status === null) return <Pill tone="amber">{t('console.audit.open')}</Pill>;
  if (status >= LEAST_REFUSED) return <Pill tone="red">{t('console.audit.refused', { status })}</Pill>;
  return <Pill tone="green">{t('console.audit.done')}</Pill>;
}
