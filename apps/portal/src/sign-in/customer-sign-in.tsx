import { Anchor, Group, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { goOn } from './go-on.ts';
import { CodeField, SignInForm } from './sign-in-form.tsx';
import { SignInFrame } from './sign-in-frame.tsx';

const route = getRouteApi('/sign-in');

/** For customers: an e-mail with a link and a code, no password. */
export function CustomerSignIn() {
  const { t } = useTranslation();
  const { to } = route.useSearch();
  const [email, setEmail] = useState('');
  const send = useMutation({ mutationFn: () => ask('post', '/v1/sign-in/mails', { body: { email: email.trim() } }) });
  if (send.data) {
    const again = () => send.mutate();
    return (
      <CodeSignIn email={email.trim()} minutes={send.data.validMinutes} to={to} onOther={send.reset} onAgain={again} />
    );
  }
  return (
    <SignInFrame
      title={t('signIn.title')}
      text={t('signIn.customerText')}
      footer={
        <Anchor component={Link} to="/operators">
          {t('signIn.operators')}
        </Anchor>
      }
    >
      <SignInForm asks={send} button={t('signIn.send')}>
        <TextInput
          type="email"
          name="email"
          autoComplete="email"
          required
          autoFocus
          label={t('signIn.email')}
          description={t('signIn.emailHint')}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
      </SignInForm>
    </SignInFrame>
  );
}

interface CodeProps {
  email: string;
  minutes: number;
  to: string | undefined;
  onOther(): void;
  onAgain(): void;
}

function CodeSignIn({ email, minutes, to, onOther, onAgain }: CodeProps) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const signIn = useMutation({
    mutationFn: () => ask('post', '/v1/sign-in/codes', { body: { email, code } }),
    onSuccess: () => goOn(to),
  });
  return (
    <SignInFrame title={t('signIn.sentTitle')} text={t('signIn.sentText', { email, minutes })}>
      <SignInForm
        asks={signIn}
        button={t('signIn.useCode')}
        below={
          <Group justify="space-between">
            <Anchor component="button" type="button" onClick={onOther} py={8}>
              {t('signIn.otherAddress')}
            </Anchor>
            <Anchor component="button" type="button" onClick={onAgain} py={8}>
              {t('signIn.again')}
            </Anchor>
          </Group>
        }
      >
        <CodeField
          autoFocus
          label={t('signIn.code')}
          description={t('signIn.codeHint')}
          value={code}
          onChange={setCode}
        />
      </SignInForm>
    </SignInFrame>
  );
}
