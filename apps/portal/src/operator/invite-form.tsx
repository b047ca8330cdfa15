import { Button, Code, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { Callout } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import classes from './form.module.css';
import { operatorRoles } from './searches.ts';

/** Invites somebody who shall run Berth: they choose a password and connect an app by the link. */
export function InviteForm() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<(typeof operatorRoles)[number]>('operator');
  const language = i18n.language === 'de' ? 'de' : 'en';
  const invite = useMutation({
    mutationFn: () => ask('post', '/v1/users', { body: { email: email.trim(), name: name.trim(), role, language } }),
    onSuccess: () => {
      setEmail('');
      setName('');
      void client.invalidateQueries({ queryKey: ['users'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <div className={classes.fields}>
          <TextInput
            required
            type="email"
            label={t('signIn.email')}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <TextInput
            required
            label={t('operator.users.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('operator.users.roleLabel')}
            value={role}
            data={operatorRoles.map((value) => ({ value, label: t(`operator.users.role.${value}`) }))}
            onChange={(event) => setRole(operatorRoles.find((one) => one === event.currentTarget.value) ?? 'viewer')}
          />
        </div>
        <Group>
          <Button type="submit" loading={invite.isPending}>
            {t('operator.users.inviteButton')}
          </Button>
        </Group>
        <Refusal error={invite.error} />
        {invite.data && <InvitationLink invitation={invite.data} />}
      </Stack>
    </form>
  );
}

/** The link of an invitation, which is shown this once. */
export function InvitationLink({ invitation: { url, expiresAt } }: { invitation: { url: string; expiresAt: string } }) {
  const { t } = useTranslation();
  return (
    <Callout tone="green" icon="mail" title={t('operator.users.invited')} role="status">
      <p>
        {t('operator.users.linkOnce')} {t('operator.incidents.until')} <Moment at={expiresAt} />
      </p>
      <Group gap="sm" mt={6}>
        <Code style={{ overflowWrap: 'anywhere' }}>{url}</Code>
        <CopyButton value={url} what={t('operator.users.link')} />
      </Group>
    </Callout>
  );
}
