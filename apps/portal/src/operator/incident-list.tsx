import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '../parts/section.tsx';
import { Ago } from '../parts/time.tsx';
import { useReason } from '../status/use-reason.ts';
import classes from './incident-list.module.css';

interface Incident {
  kind: string;
  host: string | null;
  site: string | null;
  reason: string;
  message: string;
  since: string;
}

/** Incidents that are open, with what they are about. */
export function IncidentList({ incidents }: { incidents: readonly Incident[] }) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  if (incidents.length === 0) {
    return (
      <Empty icon="check" title={t('operator.home.noIncidents')}>
        <p>{t('operator.incidents.noneText')}</p>
      </Empty>
    );
  }
  return (
    <ul className={classes.incidents}>
      {incidents.map((one) => (
        <li key={`${one.kind} ${one.host} ${one.site} ${one.since}`}>
          <div className={classes.head}>
            <Subject incident={one} />
            <Ago at={one.since} />
          </div>
          <div>{reasonOf(one.reason)}</div>
          <div className={classes.message}>{one.message}</div>
        </li>
      ))}
    </ul>
  );
}

function Subject({ incident: { host, site } }: { incident: Incident }) {
  const { t } = useTranslation();
  if (site) {
    return (
      <Link to="/ops/sites/$key" params={{ key: site }}>
        {site}
      </Link>
    );
  }
  if (host) {
    return (
      <Link to="/ops/hosts/$host" params={{ host }}>
        {t('operator.aspect.host')} {host}
      </Link>
    );
  }
  return <strong>{t('operator.incidents.kind.all')}</strong>;
}
