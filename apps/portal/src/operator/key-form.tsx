import type { Scope } from '@berth/contract/scopes';
import { Button, Checkbox, Code, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { Callout } from '../parts/section.tsx';
import classes from './form.module.css';

const scopes = [
  ['orders:write', 'ordersWrite'],
  ['sites:read', 'sitesRead'],
  ['sites:write', 'sitesWrite'],
  ['operator', 'operator'],
  ['admin', 'admin'],
] as const satisfies readonly (readonly [Scope, string])[];
const DAYS = [30, 90, 365];

/** Makes a key; what it is called by is shown this once. */
export function KeyForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [chosen, choose] = useState<Scope[]>([]);
  const [days, setDays] = useState(0);
  const [isIncomplete, setIncomplete] = useState(false);
  const make = useMutation({
    mutationFn: () =>
      ask('post', '/v1/api-keys', { body: { name: name.trim(), scopes: chosen, ...(days > 0 && { days }) } }),
    onSuccess: () => {
      setName('');
      choose([]);
      void client.invalidateQueries({ queryKey: ['api-keys'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIncomplete(chosen.length === 0);
    if (chosen.length > 0) make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <div className={classes.fields}>
          <TextInput
            required
            label={t('console.keys.name')}
            value={name}
            maxLength={100}
            autoComplete="off"
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('console.keys.days')}
            value={String(days)}
            data={[
              { value: '0', label: t('console.keys.forever') },
              ...DAYS.map((count) => ({ value: String(count), label: t('console.keys.daysOf', { count }) })),
            ]}
            onChange={(event) => setDays(Number(event.currentTarget.value))}
          />
        </div>
        <Checkbox.Group
          label={t('console.keys.scopes')}
          value={chosen}
          error={isIncomplete && chosen.length === 0 && t('console.keys.needsScope')}
          onChange={(values) => choose(scopes.map(([scope]) => scope).filter((scope) => values.includes(scope)))}
        >
          <Stack gap={4} mt={6}>
            {scopes.map(([scope, text]) => (
              <Checkbox key={scope} value={scope} label={t(`console.keys.scope.${text}`)} description={scope} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group>
          <Button type="submit" loading={make.isPending}>
            {t('console.keys.createButton')}
          </Button>
        </Group>
        <Refusal error={make.error} />
        {make.data && (
          <Callout tone="green" icon="key" title={t('console.keys.made')} role="status">
            <p>{t('console.keys.madeText')}</p>
            <Group gap="sm" mt={6}>
              <Code style={{ overflowWrap: 'anywhere' }}>{make.data.key}</Code>
              <CopyButton value={make.data.key} what={t('console.keys.key')} />
            </Group>
          </Callout>
        )}
      </Stack>
    </form>
  );
}
