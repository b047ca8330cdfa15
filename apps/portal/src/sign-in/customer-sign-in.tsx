import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { goOn } from './go-on.ts';
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
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
      <form onSubmit={submit}>
        <Stack>
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
          <Refusal error={send.error} />
          <Button type="submit" loading={send.isPending} fullWidth>
            {t('signIn.send')}
          </Button>
        </Stack>
      </form>
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <SignInFrame title={t('signIn.sentTitle')} text={t('signIn.sentText', { email, minutes })}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="\d{6}"
            maxLength={6}
            required
            autoFocus
            label={t('signIn.code')}
            description={t('signIn.codeHint')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, ''))}
          />
          <Refusal error={signIn.error} />
          <Button type="submit" loading={signIn.isPending} fullWidth>
            {t('signIn.useCode')}
          </Button>
          <Group justify="space-between">
            <Anchor component="button" type="button" onClick={onOther} py={8}>
              {t('signIn.otherAddress')}
            </Anchor>
            <Anchor component="button" type="button" onClick={onAgain} py={8}>
              {t('signIn.again')}
            </Anchor>
          </Group>
        </Stack>
      </form>
    </SignInFrame>
  );
}
