import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Callout } from '../parts/section.tsx';

/** Changes the address of a customer: nothing happens before the link of a mail to the new one is used. */
export function ContactEmail({ customer, disabled }: { customer: string; disabled: boolean }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const [email, setEmail] = useState('');
  const request = useMutation({
    mutationFn: (address: string) =>
      ask('post', '/v1/customers/{customer}/email-changes', { params: { customer }, body: { email: address } }),
  });
  const close = () => {
    setOpen(false);
    setEmail('');
    request.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    request.mutate(email.trim());
  };
  if (request.isSuccess) {
    return (
      <Callout tone="blue" icon="mail" title={t('customer.contact.changeSent')} role="status">
        <Stack gap="xs" align="flex-start">
          <span>{t('customer.contact.changeSentText', { email: request.variables })}</span>
          <Button variant="default" onClick={close}>
            {t('customer.contact.changeOther')}
          </Button>
        </Stack>
      </Callout>
    );
  }
  if (!isOpen) {
    return (
      <div>
        <Button variant="default" disabled={disabled} onClick={() => setOpen(true)}>
          {t('customer.contact.change')}
        </Button>
      </div>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack maw={420}>
        <TextInput
          type="email"
          name="new-email"
          autoComplete="email"
          required
          autoFocus
          label={t('customer.contact.newEmail')}
          description={t('customer.contact.newEmailNote')}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Refusal error={request.error} />
        <Group>
          <Button type="submit" loading={request.isPending}>
            {t('customer.contact.changeSend')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
