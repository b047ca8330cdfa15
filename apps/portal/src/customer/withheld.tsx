import type { SiteDomain } from '@berth/contract/domain';
import { useTranslation } from 'react-i18next';
import { Callout, Facts } from '../parts/section.tsx';

const inTheWay = ['DomainNotRegistered', 'ZoneElsewhere', 'ZoneNotInAccount', 'ZoneMoved', 'ZoneDeleted'] as const;

/** Until the name servers may be told: what is being done, or what is in the way. */
export function Withheld({ domain }: { domain: SiteDomain | undefined }) {
  const { t } = useTranslation();
  const reason = domain?.nameServers.reason ?? '';
  const obstacle = inTheWay.find((one) => one === reason);
  if (obstacle) {
    return (
      <Callout tone="amber" icon="alert" title={t(`reason.${obstacle}`)} role="status">
        <p>{t(`customer.domain.obstacle.${obstacle}`)}</p>
      </Callout>
    );
  }
  switch (reason) {
    case 'DnssecActive':
      // What is to be done is said above all.
      return null;
    case 'DnssecEnding':
      return (
        <Callout tone="blue" icon="clock" title={t('customer.domain.dsEndingTitle')} role="status">
          <p>{t('customer.domain.dsEndingText')}</p>
        </Callout>
      );
    case 'MailRecordsMissing':
    case 'MailRecordsRefused':
      return <MailMissing records={domain?.records.filter(({ state }) => state === 'missing') ?? []} />;
    default:
      return (
        <Callout tone="blue" icon="clock" title={t('customer.domain.preparing')} role="status">
          <p>{t('customer.domain.preparingText')}</p>
        </Callout>
      );
  }
}

/** Why nobody may switch yet: their mail would get lost. */
function MailMissing({ records }: { records: SiteDomain['records'] }) {
  const { t } = useTranslation();
  return (
    <Callout tone="amber" icon="mail" title={t('customer.domain.mailMissing')} role="status">
      <p>{t('customer.domain.mailMissingText')}</p>
      {records.length > 0 && (
        <Facts
          facts={records.map(({ type, name, content }) => [
            `${type} ${name}`,
            <code key={`${type} ${name} ${content}`}>{content}</code>,
          ])}
        />
      )}
    </Callout>
  );
}
