import type { Me } from '@berth/contract/identity';
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { usePageTitle } from '../app/page-title.ts';
import { useMe } from '../app/use-me.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Facts, Section } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { Pill } from '../status/status-pill.tsx';
import { ContactEmail } from './contact-email.tsx';
import { ContactWishes } from './contact-wishes.tsx';

/** Who the customer is to us, what we write to them, and where they are signed in. */
export function ContactPage() {
  const { t } = useTranslation();
  const me = useMe();
  usePageTitle(t('customer.contact.title'));
  return (
    <>
      <Title order={1}>{t('customer.contact.title')}</Title>
      {me.customers.map((customer) => (
        <Section
          key={customer.id}
          title={t('customer.contact.you')}
          // Somebody who is several customers of ours sees which of them this is.
          {...(me.customers.length > 1 && { note: domainsOf(me, customer.id) })}
        >
          <Stack>
            <Facts
              facts={[
                [t('customer.contact.name'), customer.name],
                [t('customer.contact.email'), me.user.email],
              ]}
            />
            <ContactEmail customer={customer.id} disabled={me.impersonatedBy !== null} />
            <ContactWishes customer={customer} disabled={me.impersonatedBy !== null} />
          </Stack>
        </Section>
      ))}
      <Sessions />
    </>
  );
}

const domainsOf = ({ sites }: Me, customer: string) =>
  sites
    .flatMap((site) => (site.customer === customer && site.domain !== null ? [toUnicode(site.domain)] : []))
    .join(', ') || customer;

function Sessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => ask('get', '/v1/me/sessions', {}, signal),
  });
  const end = useMutation({
    mutationFn: (sessionId: string) => ask('delete', '/v1/me/sessions/{sessionId}', { params: { sessionId } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return (
    <Section title={t('customer.contact.sessions')}>
      <Stack gap="sm">
        {sessions.data?.data.map((session) => (
          <Group key={session.id} justify="space-between">
            <div>
              <Text>{nameOf(session.userAgent)}</Text>
              <Text c="dimmed" fz="sm">
                {t('customer.contact.sessionSince')} <Moment at={session.createdAt} />
              </Text>
            </div>
            {session.current ? (
              <Pill tone="green">{t('customer.contact.sessionThis')}</Pill>
            ) : (
              <Button variant="default" onClick={() => end.mutate(session.id)}>
                {t('customer.contact.sessionEnd')}
              </Button>
            )}
          </Group>
        ))}
        <Refusal error={sessions.error ?? end.error} />
      </Stack>
    </Section>
  );
}

/** A browser and a system by which a person knows their device again. */
export function nameOf(userAgent: string | null): string {
  const found = (names: readonly (readonly [RegExp, string])[]) =>
    names.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
  const browser = found([
    [/Edg\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/Firefox\//, 'Firefox'],
    [/Chrom(e|ium)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = found([
    [/iPhone|iPad/, 'iOS'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return [browser, system].filter((name) => name !== undefined).join(' · ') || '?';
}
