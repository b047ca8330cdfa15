import { Anchor, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { goOn } from './go-on.ts';
import { CodeField, SignInForm } from './sign-in-form.tsx';

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
  const swap = () => {
    setLost(!isLost);
    setCode('');
    signIn.reset();
  };
  return (
    <SignInForm
      asks={signIn}
      button={t('signIn.title')}
      below={
        <Anchor component="button" type="button" onClick={swap} py={8}>
          {isLost ? t('signIn.useApp') : t('signIn.recovery')}
        </Anchor>
      }
    >
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
        <CodeField key="code" autoFocus label={t('signIn.factorCode')} value={code} onChange={setCode} />
      )}
    </SignInForm>
  );
}
