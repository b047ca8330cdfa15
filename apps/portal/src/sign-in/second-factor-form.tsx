import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { goOn } from './go-on.ts';

/** The six digits of an authenticator app, or one of the codes that were kept for the day on which it is lost. */
export function SecondFactorForm() {
  const { t } = useTranslation();
  const [isLost, setLost] = useState(false);
  const [code, setCode] = useState('');
  const signIn = useMutation({
    mutationFn: () =>
      ask('post', '/v1/sign-in/second-factors', { body: isLost ? { recoveryCode: code.trim() } : { code } }),
    onSuccess: () => goOn(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  const swap = () => {
    setLost(!isLost);
    setCode('');
    signIn.reset();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {isLost ? (
          <TextInput
            key="recovery"
            name="recovery-code"
            autoComplete="off"
            required
            autoFocus
            label={t('signIn.recoveryCode')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        ) : (
          <TextInput
            key="code"
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="\d{6}"
            maxLength={6}
            required
            autoFocus
            label={t('signIn.factorCode')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, ''))}
          />
        )}
        <Refusal error={signIn.error} />
        <Button type="submit" loading={signIn.isPending} fullWidth>
          {t('signIn.title')}
        </Button>
        <Anchor component="button" type="button" onClick={swap} py={8}>
          {isLost ? t('signIn.useApp') : t('signIn.recovery')}
        </Anchor>
      </Stack>
    </form>
  );
}
