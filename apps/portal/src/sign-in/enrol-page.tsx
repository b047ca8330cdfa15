import { Button, Code, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renderSVG } from 'uqr';
import { ask } from '../api/ask.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import classes from './enrol-page.module.css';
import { goOn } from './go-on.ts';
import { CodeField, SignInForm } from './sign-in-form.tsx';
import { SignInFrame } from './sign-in-frame.tsx';

/** Connects an authenticator app: the password once more, the picture, a code of the app, and codes for the day on which it is lost. */
export function EnrolPage() {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const begin = useMutation({ mutationFn: () => ask('post', '/v1/me/second-factor', { body: { password } }) });
  if (begin.data) return <Connect uri={begin.data.uri} recoveryCodes={begin.data.recoveryCodes} />;
  return (
    <SignInFrame title={t('signIn.enrolTitle')} text={t('signIn.enrolBegin')}>
      <SignInForm asks={begin} button={t('signIn.next')}>
        <PasswordInput
          name="password"
          autoComplete="current-password"
          required
          autoFocus
          label={t('signIn.confirmPassword')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </SignInForm>
    </SignInFrame>
  );
}

function Connect({ uri, recoveryCodes }: { uri: string; recoveryCodes: readonly string[] }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () => ask('post', '/v1/me/second-factor/confirmations', { body: { code } }),
  });
  if (confirm.data) return <RecoveryCodes codes={recoveryCodes} />;
  return (
    <SignInFrame title={t('signIn.enrolTitle')} text={t('signIn.enrolText')}>
      <SignInForm asks={confirm} button={t('signIn.enrolButton')}>
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
        <CodeField label={t('signIn.factorCode')} value={code} onChange={setCode} />
      </SignInForm>
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
