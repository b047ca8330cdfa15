import { PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, isRefusal } from '../api/ask.ts';
import { goOn } from './go-on.ts';
import { SignInForm } from './sign-in-form.tsx';
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
  if (!token || isRefusal(accept.error, 401)) {
    return <SignInFrame title={t('signIn.invitationFailed')} text={t('signIn.invitationFailedText')} />;
  }
  return (
    <SignInFrame title={t('signIn.invitationTitle')} text={t('signIn.invitationText')}>
      <SignInForm asks={accept} button={t('signIn.next')}>
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
      </SignInForm>
    </SignInFrame>
  );
}
