import type { MaintenanceWindow } from '@berth/contract/maintenance';
import { Button, Group, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { overviewQuery, windowsQuery } from '../api/queries.ts';
import { usePageTitle } from '../app/page-title.ts';
import { may, useMe } from '../app/use-me.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import { Pill } from '../status/status-pill.tsx';
import classes from './host-page.module.css';
import { IncidentList } from './incident-list.tsx';
import { SilenceForm } from './silence-form.tsx';

/** What is wrong now, and of what nobody is to be told. */
export function IncidentsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const overview = useQuery(overviewQuery);
  const windows = useQuery(windowsQuery);
  usePageTitle(t('operator.incidents.title'));
  return (
    <>
      <Title order={1}>{t('operator.incidents.title')}</Title>
      <Section title={t('operator.incidents.open')}>
        {overview.data ? <IncidentList incidents={overview.data.incidents} /> : <Refusal error={overview.error} />}
      </Section>
      <Section title={t('operator.incidents.windows')} note={t('operator.incidents.windowsNote')}>
        {windows.data ? <Windows windows={windows.data.data} /> : <Refusal error={windows.error} />}
      </Section>
      {may(me, 'operator') && (
        <Section title={t('operator.incidents.create')}>
          <SilenceForm />
        </Section>
      )}
    </>
  );
}

function Windows({ windows }: { windows: readonly MaintenanceWindow[] }) {
  const { t } = useTranslation();
  if (windows.length === 0) {
    return (
      <Empty icon="bell" title={t('operator.incidents.noWindows')}>
        <p>{t('operator.incidents.noWindowsText')}</p>
      </Empty>
    );
  }
  return (
    <ul className={classes.list}>
      {windows.map((window) => (
        <OneWindow key={window.id} window={window} />
      ))}
    </ul>
  );
}

function OneWindow({ window }: { window: MaintenanceWindow }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => ask('delete', '/v1/maintenance-windows/{windowId}', { params: { windowId: window.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['site'] });
      return client.invalidateQueries({ queryKey: ['maintenance'] });
    },
  });
  return (
    <li>
      <Group gap="sm">
        <Pill tone={window.active ? 'blue' : 'grey'} icon="wrench">
          {t(window.active ? 'operator.incidents.active' : 'operator.incidents.planned')}
        </Pill>
        <strong>
          {t(`operator.incidents.kind.${window.scope}`)} {window.host ?? window.site}
        </strong>
        <span>{window.reason}</span>
        <Text span c="dimmed" fz="sm">
          <Moment at={window.startsAt} /> {t('operator.incidents.until')} <Moment at={window.endsAt} />
        </Text>
      </Group>
      {may(me, 'operator') && (
        <Button variant="default" loading={end.isPending} onClick={() => end.mutate()}>
          {t('operator.incidents.end')}
        </Button>
      )}
      <Refusal error={end.error} />
    </li>
  );
}
