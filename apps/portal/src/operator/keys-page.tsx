import { Group, Text, Title } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Answer, ask } from '../api/ask.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { Empty, Section } from '../parts/section.tsx';
import { Ago, Moment, useNow } from '../parts/time.tsx';
import { Pill } from '../status/status-pill.tsx';
import classes from './host-page.module.css';
import { KeyForm } from './key-form.tsx';
import { RevokeKey } from './revoke-key.tsx';

export type ApiKey = Answer<'get', '/v1/api-keys'>['data'][number];

const keysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => ask('get', '/v1/api-keys', {}, signal),
});

/** The keys by which programs call Berth: made, shown once, and revoked. */
export function KeysPage() {
  const { t } = useTranslation();
  const { data, error } = useQuery(keysQuery);
  usePageTitle(t('console.keys.title'));
  if (!data) return error ? <BrokenPage error={error} /> : <Loading />;
  return (
    <>
      <Title order={1}>{t('console.keys.title')}</Title>
      <Section title={t('console.keys.create')} note={t('console.keys.note')}>
        <KeyForm />
      </Section>
      <Section title={t('console.keys.list')}>
        {data.data.length === 0 ? (
          <Empty icon="key" title={t('console.keys.none')}>
            <p>{t('console.keys.noneText')}</p>
          </Empty>
        ) : (
          <ul className={classes.list}>
            {data.data.map((key) => (
              <OneKey key={key.id} apiKey={key} />
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}

function OneKey({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  const now = useNow();
  const { name, prefix, scopes, createdAt, expiresAt, revokedAt, lastUsedAt } = apiKey;
  const state = revokedAt ? 'revoked' : expiresAt && Date.parse(expiresAt) <= now ? 'expired' : 'active';
  return (
    <li>
      <div style={{ minWidth: 0 }}>
        <Group gap="sm">
          <strong>{name}</strong>
          <Pill tone={state === 'active' ? 'green' : 'grey'}>{t(`console.keys.${state}`)}</Pill>
          <code>{prefix}…</code>
        </Group>
        <Text fz="sm">{scopes.join(', ')}</Text>
        <Text c="dimmed" fz="sm">
          {t('operator.sites.created')} <Moment at={createdAt} />
          {' · '}
          {lastUsedAt ? (
            <>
              {t('console.keys.used')} <Ago at={lastUsedAt} />
            </>
          ) : (
            t('console.keys.neverUsed')
          )}
          {state === 'active' && expiresAt && (
            <>
              {' · '}
              {t('console.keys.until')} <Moment at={expiresAt} />
            </>
          )}
        </Text>
      </div>
      {state === 'active' && <RevokeKey apiKey={apiKey} />}
    </li>
  );
}
