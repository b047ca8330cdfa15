import type { Me } from '@berth/contract/identity';
import { NativeSelect, Stack, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { languages } from '../i18n/start.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Callout } from '../parts/section.tsx';

const names = { de: 'Deutsch', en: 'English' } as const;

/** Whether we write to a customer, and in which language; what is changed is kept at once. */
export function ContactWishes({ customer, disabled }: { customer: Me['customers'][number]; disabled: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { id, language, notify } = customer;
  const change = useMutation({
    mutationFn: (body: { language: 'de' | 'en'; notify: boolean }) =>
      ask('put', '/v1/customers/{customer}/contact', { params: { customer: id }, body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['me'] }),
  });
  const shown = change.isPending ? change.variables : { language, notify };
  return (
    <Stack>
      <Switch
        label={t('customer.contact.notify')}
        description={t('customer.contact.notifyNote')}
        checked={shown.notify}
        disabled={disabled}
        onChange={(event) => change.mutate({ language, notify: event.currentTarget.checked })}
      />
      <NativeSelect
        label={t('customer.contact.language')}
        maw={260}
        value={shown.language}
        disabled={disabled}
        data={languages.map((value) => ({ value, label: names[value] }))}
        onChange={(event) => change.mutate({ language: event.currentTarget.value === 'de' ? 'de' : 'en', notify })}
      />
      {change.isSuccess && <Callout tone="green" icon="check" title={t('customer.contact.saved')} role="status" />}
      <Refusal error={change.error} />
    </Stack>
  );
}
