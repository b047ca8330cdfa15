import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask, Refused } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { goOn } from './go-on.ts';
import { SignInFrame } from './sign-in-frame.tsx';
import { useTokenOfLink } from './use-token-of-link.ts';

/** Where the link of a mail leads: it's used by a button, not by being opened, since programs open links too. */
export function LinkSignIn() {
  const { t } = useTranslation();
  const token = useTokenOfLink();
  const signIn = useMutation({
    mutationFn: () => ask('post', '/v1/sign-in/links', { body: { token } }),
    onSuccess: () => goOn(),
  });
  const isUsedUp = signIn.error instanceof Refused && signIn.error.problem.status !== 429;
  const newMail = (
    <Button component={Link} to="/sign-in" fullWidth>
      {t('signIn.newMail')}
    </Button>
  );
  if (!token) {
    return (
      <SignInFrame title={t('signIn.linkMissing')} text={t('signIn.linkMissingText')}>
        {newMail}
      </SignInFrame>
    );
  }
  if (isUsedUp) {
    return (
      <SignInFrame title={t('signIn.linkFailed')} text={t('signIn.linkFailedText')}>
        {newMail}
      </SignInFrame>
    );
  }
  return (
    <SignInFrame title={t('signIn.linkTitle')} text={t('signIn.linkText')}>
      <Stack>
        <Refusal error={signIn.error} />
        <Button size="md" autoFocus loading={signIn.isPending} onClick={() => signIn.mutate()} fullWidth>
          {t('signIn.linkButton')}
        </Button>
      </Stack>
    </SignInFrame>
  );
}
