import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask, isRefusal } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { goOn } from './go-on.ts';
import { SignInFrame } from './sign-in-frame.tsx';
import { useTokenOfLink } from './use-token-of-link.ts';

/** Where the link of a mail to a customer's new address leads: pressing the button changes it, and signs in by it. */
export function AddressChange() {
  const { t } = useTranslation();
  const token = useTokenOfLink();
  const confirm = useMutation({ mutationFn: () => ask('post', '/v1/email-changes', { body: { token } }) });
  if (confirm.data) {
    return (
      <SignInFrame title={t('signIn.addressDone')} text={t('signIn.addressDoneText', { email: confirm.data.email })}>
        <Button onClick={() => goOn()} fullWidth>
          {t('signIn.addressGoOn')}
        </Button>
      </SignInFrame>
    );
  }
  if (!token || isRefusal(confirm.error, 401) || isRefusal(confirm.error, 422)) {
    return (
      <SignInFrame title={t('signIn.addressFailed')} text={t('signIn.addressFailedText')}>
        <Button component={Link} to="/sign-in" fullWidth>
          {t('signIn.title')}
        </Button>
      </SignInFrame>
    );
  }
  return (
    <SignInFrame title={t('signIn.addressTitle')} text={t('signIn.addressText')}>
      <Stack>
        <Refusal error={confirm.error} />
        <Button size="md" autoFocus loading={confirm.isPending} onClick={() => confirm.mutate()} fullWidth>
          {t('signIn.addressButton')}
        </Button>
      </Stack>
    </SignInFrame>
  );
}
