import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, isRefusal } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { goOn } from './go-on.ts';
import { SignInFrame } from './sign-in-frame.tsx';
import { useTokenOfLink } from './use-token-of-link.ts';

const SHORTEST = 12;

/** Where the link of an invitation leads: who shall run Berth chooses a password, and then a second factor. */
export function Invitation() {
  const { t } = useTranslation();
  const token = useTokenOfLink();
  const [password, setPassword] = useState('');
  const accept = useMutation({
    mutationFn: () => ask('post', '/v1/sign-in/invitations', { body: { token, password } }),
    onSuccess: () => goOn('/second-factor'),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate();
  };
  if (!token || isRefusal(accept.error, 401)) {
    return <SignInFrame title={t('signIn.invitationFailed')} text={t('signIn.invitationFailedText')} />;
  }
  return (
    <SignInFrame title={t('signIn.invitationTitle')} text={t('signIn.invitationText')}>
      <form onSubmit={submit}>
        <Stack>
          <PasswordInput
            name="new-password"
            autoComplete="new-password"
            required
            autoFocus
            minLength={SHORTEST}
            label={t('signIn.newPassword')}
            description={t('signIn.newPasswordHint', { count: SHORTEST })}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Refusal error={accept.error} />
          <Button type="submit" loading={accept.isPending} fullWidth>
            {t('signIn.next')}
          </Button>
        </Stack>
      </form>
    </SignInFrame>
  );
}
