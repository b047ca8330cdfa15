import type { Host } from '@berth/contract/host';
import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { hostsQuery } from '../api/queries.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { Empty } from '../parts/section.tsx';
import { Ago } from '../parts/time.tsx';
import { Capacity } from './capacity.tsx';
import { HostPill } from './host-pill.tsx';
import classes from './hosts-page.module.css';

/** The machines, with the room that is left on each. */
export function HostsPage() {
  const { t } = useTranslation();
  const { data, error } = useQuery(hostsQuery);
  usePageTitle(t('operator.hosts.title'));
  if (!data) return error ? <BrokenPage error={error} /> : <Loading />;
  return (
    <>
      <Title order={1}>{t('operator.hosts.title')}</Title>
      {data.data.length === 0 ? (
        <Empty icon="server" title={t('operator.hosts.none')}>
          <p>{t('operator.hosts.noneText')}</p>
        </Empty>
      ) : (
        <ul className={classes.hosts}>
          {data.data.map((host) => (
            <li key={host.id}>
              <HostCard host={host} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function HostCard({ host }: { host: Host }) {
  const { t } = useTranslation();
  // That it is ready is said already.
  const note = host.problem ?? host.incident?.message ?? (host.state === 'ready' ? '' : host.message);
  return (
    <div className={classes.host}>
      <div className={classes.head}>
        <h2>
          <Link to="/ops/hosts/$host" params={{ host: host.id }}>
            {host.id}
          </Link>
        </h2>
        <HostPill host={host} />
      </div>
      {note && <p className={classes.note}>{note}</p>}
      <Capacity host={host} />
      <p className={classes.note}>
        {t('operator.hosts.sites', { count: host.sites })} · {t('operator.hosts.seen')} <Ago at={host.seenAt} />
      </p>
    </div>
  );
}
