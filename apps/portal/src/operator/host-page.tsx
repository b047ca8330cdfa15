import type { HostDetail } from '@berth/contract/host';
import { Button, Group, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { hostQuery } from '../api/queries.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { may, useMe } from '../app/use-me.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Callout, Empty, Facts, Section } from '../parts/section.tsx';
import { Ago, Moment } from '../parts/time.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { useEventName, useReason } from '../status/use-reason.ts';
import { Capacity } from './capacity.tsx';
import classes from './host-page.module.css';
import { HostPill } from './host-pill.tsx';

const route = getRouteApi('/signed-in/ops/hosts/$host');

/** One machine: its room, what is on it, what happened to it. */
export function HostPage() {
  const { host } = route.useParams();
  const { data, error } = useQuery(hostQuery(host));
  if (data) return <OneHost host={data} />;
  return error ? <BrokenPage error={error} /> : <Loading />;
}

function OneHost({ host }: { host: HostDetail }) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  usePageTitle(host.id);
  return (
    <>
      <Group gap="md">
        <Title order={1}>{host.id}</Title>
        <HostPill host={host} />
        <Drain host={host} />
      </Group>
      {host.problem && (
        <Callout tone="amber" icon="alert" title={t('operator.hosts.problem')}>
          <p>{host.problem}</p>
        </Callout>
      )}
      {host.incident && (
        <Callout tone="red" icon="alert" title={reasonOf(host.incident.reason)}>
          <p>
            {host.incident.message} · <Ago at={host.incident.since} />
          </p>
        </Callout>
      )}
      <div className={classes.columns}>
        <Section
          title={t('operator.hosts.sites', { count: host.sites })}
          {...(host.state !== 'ready' && { note: host.message })}
        >
          <Capacity host={host} />
        </Section>
        <Section title={t('operator.hosts.versions')}>
          <Facts facts={Object.entries(host.versions).map(([name, version]) => [name, version] as const)} />
        </Section>
      </div>
      <Section title={t('operator.hosts.onIt')}>
        <Placements host={host} />
      </Section>
      <Section title={t('operator.hosts.events')}>
        <Events host={host} />
      </Section>
    </>
  );
}

function Drain({ host }: { host: HostDetail }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () =>
      ask('patch', '/v1/hosts/{host}', {
        params: { host: host.id },
        body: { state: host.draining ? 'ready' : 'draining' },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['hosts'] }),
  });
  if (!may(me, 'operator')) return null;
  return (
    <>
      <Button
        variant="default"
        loading={change.isPending}
        title={t('operator.hosts.drainText')}
        onClick={() => change.mutate()}
      >
        {t(host.draining ? 'operator.hosts.undrain' : 'operator.hosts.drain')}
      </Button>
      <Refusal error={change.error} />
    </>
  );
}

function Placements({ host }: { host: HostDetail }) {
  const { t } = useTranslation();
  if (host.placements.length === 0) return <Empty icon="box" title={t('operator.hosts.noneOnIt')} />;
  return (
    <ul className={classes.list}>
      {host.placements.map((one) => (
        <li key={`${one.site} ${one.port}`}>
          <Link to="/ops/sites/$key" params={{ key: one.site }}>
            {toUnicode(one.domain)}
          </Link>
          <Text span c="dimmed">
            :{one.port}
            {one.wanted !== 'serving' && ` · ${one.wanted}`}
          </Text>
        </li>
      ))}
    </ul>
  );
}

function Events({ host }: { host: HostDetail }) {
  const { t } = useTranslation();
  const nameOf = useEventName();
  if (host.events.length === 0) return <Empty icon="list" title={t('operator.site.noEvents')} />;
  return (
    <ul className={classes.list}>
      {host.events.map((one) => (
        <li key={`${one.at} ${one.type}`}>
          <span>
            <strong>{nameOf(one.type)}</strong> {one.message}
          </span>
          <Text span c="dimmed" fz="sm">
            <Moment at={one.at} />
          </Text>
        </li>
      ))}
    </ul>
  );
}
