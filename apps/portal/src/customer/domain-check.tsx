import type { DomainCheck as Check } from '@berth/contract/domain';
import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { Icon } from '../parts/icon.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { Callout, Facts, Section } from '../parts/section.tsx';
import { Ago } from '../parts/time.tsx';

/** Asks the registry now, and shows what it says beside what it should say. */
export function DomainCheck({
  siteKey,
  last,
  expected,
}: {
  siteKey: string;
  last: Check | null;
  expected: readonly string[];
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const check = useMutation({
    mutationFn: () => ask('post', '/v1/sites/{key}/domain-checks', { params: { key: siteKey }, body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['site', siteKey] }),
  });
  const result = check.data ?? last;
  return (
    <Section
      title={t('customer.domain.checkTitle')}
      aside={
        <Button
          variant="default"
          leftSection={<Icon name="restart" size={18} />}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t('customer.domain.check')}
        </Button>
      }
    >
      <div aria-live="polite">
        {check.isPending && (
          <Text c="dimmed" mb="sm">
            {t('customer.domain.checking')}
          </Text>
        )}
        <Refusal error={check.error} />
        {result ? (
          <Finding check={result} expected={expected} />
        ) : (
          !check.error && <Text c="dimmed">{t('customer.domain.notChecked')}</Text>
        )}
      </div>
    </Section>
  );
}

function Finding({ check, expected }: { check: Check; expected: readonly string[] }) {
  const { t } = useTranslation();
  const isSet = check.status === 'set';
  return (
    <Group gap="md" align="stretch" style={{ flexDirection: 'column' }}>
      <Callout tone={isSet ? 'green' : 'amber'} icon={isSet ? 'check' : 'clock'} title={t(titleOf[check.status])}>
        <p>{t(textOf[check.status], { parent: check.parent ?? '?' })}</p>
      </Callout>
      <Facts
        facts={[
          [t('customer.domain.found'), <Names key="found" names={check.found} />],
          [
            t('customer.domain.expected'),
            <Names key="expected" names={check.expected.length > 0 ? check.expected : expected} />,
          ],
          [t('customer.domain.checkedAgo'), <Ago key="at" at={check.checkedAt} />],
        ]}
      />
    </Group>
  );
}

const titleOf = {
  set: 'customer.domain.match',
  'partly-set': 'customer.domain.mismatch',
  'not-set': 'customer.domain.mismatch',
  'not-registered': 'customer.domain.notRegistered',
  withheld: 'customer.domain.withheldTitle',
  unknown: 'customer.domain.unknownTitle',
} as const satisfies Record<Check['status'], string>;

const textOf = {
  set: 'customer.domain.matchText',
  'partly-set': 'customer.domain.mixedText',
  'not-set': 'customer.domain.mismatchText',
  'not-registered': 'customer.domain.notRegisteredText',
  withheld: 'customer.domain.withheldText',
  unknown: 'customer.domain.unknownText',
} as const satisfies Record<Check['status'], string>;

function Names({ names }: { names: readonly string[] }) {
  const { t } = useTranslation();
  if (names.length === 0) return <Text c="dimmed">{t('customer.domain.foundNothing')}</Text>;
  return names.map((name) => (
    <div key={name}>
      <code>{name}</code>
    </div>
  ));
}
