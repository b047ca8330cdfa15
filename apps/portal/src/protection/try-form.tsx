import type { ProtectionTest } from '@berth/contract/protection';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import type { IconName } from '../parts/icon.tsx';
import { Callout, Section } from '../parts/section.tsx';
import type { Tone } from '../status/status-pill.tsx';
import classes from './protection.module.css';
import { Refused } from './refused.tsx';

const fields = ['address', 'country', 'email'] as const;

/** Asks whether somebody would get in. */
export function TryForm({ siteKey }: { siteKey: string }) {
  const { t } = useTranslation();
  const [typed, type] = useState({ address: '', country: '', email: '' });
  const tried = useMutation({
    mutationFn: () => {
      const given = fields.flatMap((field) => (typed[field].trim() ? [[field, typed[field].trim()]] : []));
      return ask('post', '/v1/sites/{key}/protection/tests', {
        params: { key: siteKey },
        body: Object.fromEntries(given),
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    tried.mutate();
  };
  return (
    <Section title={t('protection.try.title')} note={t('protection.try.note')}>
      <form onSubmit={submit}>
        <Stack>
          <div className={classes.fields}>
            {fields.map((field) => (
              <TextInput
                key={field}
                label={t(`protection.try.${field}`)}
                {...(field === 'country' && { description: t('protection.try.countryHint'), maxLength: 2 })}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                value={typed[field]}
                autoComplete="off"
                onChange={(event) => {
                  type({ ...typed, [field]: event.currentTarget.value });
                  tried.reset();
                }}
              />
            ))}
          </div>
          <Group>
            <Button type="submit" variant="default" loading={tried.isPending}>
              {t('protection.try.button')}
            </Button>
          </Group>
          <Refused error={tried.error} />
          {tried.data && <Verdict of={tried.data} />}
          {tried.data && <Elsewhere of={tried.data} />}
        </Stack>
      </form>
    </Section>
  );
}

const looks: Record<ProtectionTest['verdict'], { tone: Tone; icon: IconName }> = {
  enters: { tone: 'green', icon: 'check' },
  'signs-in': { tone: 'blue', icon: 'key' },
  blocked: { tone: 'red', icon: 'cross' },
  refused: { tone: 'red', icon: 'hand' },
  unknown: { tone: 'grey', icon: 'question' },
};

function Verdict({ of: { verdict, steps } }: { of: ProtectionTest }) {
  const { t } = useTranslation();
  return (
    <Callout {...looks[verdict]} title={t(`protection.verdict.${verdict}`)} role="status">
      <ul className={classes.steps}>
        {steps.map(({ code, match }) => (
          <li key={code}>{t(`protection.step.${code}`, { match: match ?? '' })}</li>
        ))}
      </ul>
    </Callout>
  );
}

/** Where somebody else's application is asked in place of what was tried. */
function Elsewhere({ of: { elsewhere } }: { of: ProtectionTest }) {
  const { t } = useTranslation();
  if (elsewhere.length === 0) return null;
  return (
    <Callout tone="amber" icon="alert" title={t('protection.elsewhere.title')} role="status">
      <ul className={classes.steps}>
        {elsewhere.map(({ code, path }) => (
          <li key={`${code} ${path}`}>{t(`protection.elsewhere.${code}`, { path: path ?? '' })}</li>
        ))}
      </ul>
    </Callout>
  );
}
