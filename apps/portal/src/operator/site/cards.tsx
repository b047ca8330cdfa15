import type { SiteDetail } from '@berth/contract/site';
import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/ask.ts';
import { domainQuery, tunnelQuery } from '../../api/queries.ts';
import { may, useMe } from '../../app/use-me.ts';
import { Icon } from '../../parts/icon.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { Callout, Empty, Facts, Section } from '../../parts/section.tsx';
import { Ago, Moment } from '../../parts/time.tsx';

/** What the domain's parent should say, and what it says. */
export function DnsCard({ site }: { site: SiteDetail }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const domain = useQuery(domainQuery(site.key));
  const check = useMutation({
    mutationFn: () => ask('post', '/v1/sites/{key}/domain-checks', { params: { key: site.key }, body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['site', site.key] }),
  });
  const last = check.data ?? domain.data?.lastCheck;
  return (
    <Section
      title={t('operator.site.dns')}
      aside={
        may(me, 'sites:write') && (
          <Button
            variant="default"
            leftSection={<Icon name="restart" size={17} />}
            loading={check.isPending}
            onClick={() => check.mutate()}
          >
            {t('operator.site.askNow')}
          </Button>
        )
      }
    >
      <Stack gap="sm">
        <Refusal error={check.error} />
        {last && last.status !== 'set' && (
          <Callout
            tone="amber"
            icon="alert"
            title={t(
              `operator.site.delegation.${last.found.length === 0 && last.status === 'not-set' ? 'none-set' : last.status}`,
              {
                domain: last.domain,
                found: last.found.join(', '),
                expected: last.expected.join(', '),
                parent: last.parent ?? '',
              },
            )}
          />
        )}
        {last?.ds.status === 'must-be-removed' && (
          <Callout tone="red" icon="shield" title={t('operator.site.signed', { domain: last.domain })} />
        )}
        <Facts
          facts={[
            [t('operator.site.expected'), site.nameServers.join(', ') || '–'],
            [
              t('operator.site.observed'),
              last ? (
                <>
                  {last.found.join(', ') || t('customer.domain.foundNothing')}{' '}
                  <Text span c="dimmed" fz="sm">
                    <Ago at={last.checkedAt} />
                  </Text>
                </>
              ) : (
                t('operator.site.notObserved')
              ),
            ],
            site.zoneActiveAt !== null && [
              t('operator.site.zoneActive'),
              <Moment key="active" at={site.zoneActiveAt} />,
            ],
            [t('operator.site.hostnames'), site.hostnames.join(', ')],
          ]}
        />
      </Stack>
    </Section>
  );
}

export function ContainerCard({ site: { container, placement, release } }: { site: SiteDetail }) {
  const { t } = useTranslation();
  return (
    <Section title={t('operator.site.containerTitle')}>
      {container ? (
        <Facts
          facts={[
            [t('operator.site.status'), container.dockerStatus],
            [t('operator.site.image'), <code key="image">{container.image}</code>],
            Boolean(release?.digest) && [
              t('operator.site.digest'),
              <code key="digest">{release?.digest?.split('@').at(-1)}</code>,
            ],
            release !== null && [
              t('operator.site.release'),
              `${release.number} · ${release.profile} · ${release.reason ?? release.outcome}`,
            ],
            placement !== null && [t('operator.site.port'), `${placement.host}:${placement.port}`],
            [
              t('operator.site.limits'),
              [container.memoryLimit, container.cpuLimit && `${container.cpuLimit} CPU`].filter(Boolean).join(' · '),
            ],
            container.startedAt !== null && [
              t('operator.site.started'),
              <Moment key="started" at={container.startedAt} />,
            ],
            [t('operator.site.id'), <code key="id">{container.id.slice(0, 12)}</code>],
          ]}
        />
      ) : (
        <Empty icon="box" title={t('operator.site.noContainer')}>
          <p>
            {placement
              ? t('operator.site.noContainerYetText', { host: placement.host })
              : t('operator.site.noContainerText')}
          </p>
        </Empty>
      )}
    </Section>
  );
}

export function TunnelCard({ site }: { site: SiteDetail }) {
  const { t } = useTranslation();
  const { data, error } = useQuery({ ...tunnelQuery(site.key), enabled: site.tunnel !== null });
  if (!site.tunnel) {
    return (
      <Section title={t('operator.site.tunnelTitle')}>
        <Empty icon="cloud" title={t('operator.site.noTunnel')}>
          <p>{t('operator.site.noTunnelText')}</p>
        </Empty>
      </Section>
    );
  }
  return (
    <Section title={t('operator.site.tunnelTitle')}>
      <Stack gap="sm">
        <Facts
          facts={[
            [t('operator.site.status'), site.tunnel.status ?? '–'],
            [t('operator.site.id'), <code key="id">{site.tunnel.id}</code>],
            data !== undefined && [
              t('operator.site.connections'),
              data.connections.length > 0
                ? data.connections.map(({ connectorId, colo, openedAt, version }) => (
                    <div key={`${connectorId} ${colo} ${openedAt}`} style={{ marginBottom: 4 }}>
                      {colo} · cloudflared {version} · <Ago at={openedAt} />
                    </div>
                  ))
                : t('operator.site.noConnections'),
            ],
          ]}
        />
        {data?.connectionsError && (
          <Text c="dimmed" fz="sm">
            {t('operator.site.connectionsError', { error: data.connectionsError })}
          </Text>
        )}
        <Refusal error={error} />
      </Stack>
    </Section>
  );
}
