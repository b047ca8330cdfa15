import { Button, Code, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renderSVG } from 'uqr';
import { ask } from '../api/ask.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Refusal } from '../parts/refusal.tsx';
import classes from './enrol-page.module.css';
import { goOn } from './go-on.ts';
import { SignInFrame } from './sign-in-frame.tsx';

/** Connects an authenticator app: the password once more, the picture, a code of the app, and codes for the day on which it is lost. */
export function EnrolPage() {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const begin = useMutation({ mutationFn: () => ask('post', '/v1/me/second-factor', { body: { password } }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate();
  };
  if (begin.data) return <Connect uri={begin.data.uri} recoveryCodes={begin.data.recoveryCodes} />;
  return (
    <SignInFrame title={t('signIn.enrolTitle')} text={t('signIn.enrolBegin')}>
      <form onSubmit={submit}>
        <Stack>
          <PasswordInput
            name="password"
            autoComplete="current-password"
            required
            autoFocus
            label={t('signIn.confirmPassword')}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Refusal error={begin.error} />
          <Button type="submit" loading={begin.isPending} fullWidth>
            {t('signIn.next')}
          </Button>
        </Stack>
      </form>
    </SignInFrame>
  );
}

function Connect({ uri, recoveryCodes }: { uri: string; recoveryCodes: readonly string[] }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () => ask('post', '/v1/me/second-factor/confirmations', { body: { code } }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  if (confirm.data) return <RecoveryCodes codes={recoveryCodes} />;
  return (
    <SignInFrame title={t('signIn.enrolTitle')} text={t('signIn.enrolText')}>
      <form onSubmit={submit}>
        <Stack>
          <img
            className={classes.picture}
            src={`data:image/svg+xml,${encodeURIComponent(renderSVG(uri))}`}
            alt={t('signIn.enrolPicture')}
          />
          <div>
            <Text c="dimmed" fz="sm">
              {t('signIn.enrolSecret')}
            </Text>
            <Code className={classes.secret}>{new URL(uri).searchParams.get('secret')}</Code>
          </div>
          <TextInput
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="\d{6}"
            maxLength={6}
            required
            label={t('signIn.factorCode')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, ''))}
          />
          <Refusal error={confirm.error} />
          <Button type="submit" loading={confirm.isPending} fullWidth>
            {t('signIn.enrolButton')}
          </Button>
        </Stack>
      </form>
    </SignInFrame>
  );
}

function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <SignInFrame title={t('signIn.recoveryTitle')} text={t('signIn.recoveryText')}>
      <Stack>
        <ul className={classes.codes}>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <CopyButton value={codes.join('\n')} what={t('signIn.recoveryCode')} />
        <Button onClick={() => goOn()} fullWidth>
          {t('signIn.recoveryDone')}
        </Button>
      </Stack>
    </SignInFrame>
  );
}
