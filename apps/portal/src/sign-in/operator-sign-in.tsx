import { Anchor, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { goOn } from './go-on.ts';
import { SecondFactorForm } from './second-factor-form.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { SignInFrame } from './sign-in-frame.tsx';

/** For those who run Berth: a password, and then a second factor. */
export function OperatorSignIn() {
  const { t } = useTranslation();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => ask('post', '/v1/sign-in/passwords', { body: { email: email.trim(), password } }),
    onSuccess: ({ next }) => {
      if (next === 'done') goOn();
    },
  });
  if (signIn.data?.next === 'second-factor') {
    return (
      <SignInFrame title={t('signIn.factorTitle')} text={t('signIn.factorText')}>
        <SecondFactorForm />
      </SignInFrame>
    );
  }
  return (
    <SignInFrame
      title={t('signIn.operatorTitle')}
      text={t('signIn.operatorText')}
      footer={
        <Anchor component={Link} to="/sign-in">
          {t('signIn.customers')}
        </Anchor>
      }
    >
      <SignInForm asks={signIn} button={t('signIn.next')}>
        <TextInput
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus
          label={t('signIn.email')}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          name="password"
          autoComplete="current-password"
          required
          label={t('signIn.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </SignInForm>
    </SignInFrame>
  );
}
