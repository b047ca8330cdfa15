import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, Refused } from '../api/ask.ts';
import { useClock } from '../app/clock.ts';
import { Refusal } from '../parts/refusal.tsx';
import classes from './form.module.css';

const scopes = ['host', 'site', 'all'] as const;
const scopeTexts = { host: 'scopeHost', site: 'scopeSite', all: 'scopeAll' } as const;
const hints = { host: 'targetHost', site: 'targetSite' } as const;
const missing = { host: 'noSuchHost', site: 'noSuchSite' } as const;
const lengths = [15, 30, 60, 120, 240, 480] as const;
const MINUTE_MS = 60_000;
const HOUR = 60;

/** Plans a time, from now on, in which nobody is told of what goes wrong. */
export function SilenceForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const clock = useClock();
  const [scope, setScope] = useState<(typeof scopes)[number]>('host');
  const [target, setTarget] = useState('');
  const [minutes, setMinutes] = useState<number>(HOUR);
  const [reason, setReason] = useState('');
  const create = useMutation({
    mutationFn: (of: (typeof scopes)[number]) => {
      const endsAt = new Date(clock.now() + minutes * MINUTE_MS).toISOString();
      const what = of === 'all' ? {} : { [of]: target.trim() };
      return ask('post', '/v1/maintenance-windows', { body: { ...what, endsAt, reason: reason.trim() } });
    },
    onSuccess: () => {
      setReason('');
      void client.invalidateQueries({ queryKey: ['maintenance'] });
      void client.invalidateQueries({ queryKey: ['site'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(scope);
  };
  const asked = create.variables;
  const isMissing = asked !== undefined && asked !== 'all' && isOf(create.error, asked);
  const say = (length: number) =>
    length < HOUR
      ? t('operator.incidents.minutesOf', { count: length })
      : t('operator.incidents.hoursOf', { count: length / HOUR });
  return (
    <form onSubmit={submit}>
      <Stack>
        <div className={classes.fields}>
          <NativeSelect
            label={t('operator.incidents.scope')}
            value={scope}
            data={scopes.map((value) => ({ value, label: t(`operator.incidents.${scopeTexts[value]}`) }))}
            onChange={(event) => setScope(scopes.find((one) => one === event.currentTarget.value) ?? 'host')}
          />
          {scope !== 'all' && (
            <TextInput
              required
              label={t('operator.incidents.target')}
              description={t(`operator.incidents.${hints[scope]}`)}
              error={isMissing && asked === scope && t(`operator.incidents.${missing[scope]}`)}
              value={target}
              onChange={(event) => setTarget(event.currentTarget.value)}
            />
          )}
          <NativeSelect
            label={t('operator.incidents.minutes')}
            value={String(minutes)}
            data={lengths.map((value) => ({ value: String(value), label: say(value) }))}
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
          />
        </div>
        <TextInput
          required
          maxLength={200}
          label={t('operator.incidents.reason')}
          description={t('operator.incidents.reasonHint')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Refusal error={isMissing ? null : create.error} />
        <Group>
          <Button type="submit" loading={create.isPending}>
            {t('operator.incidents.start')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Whether the API refused for want of what is to be silenced. */
function isOf(error: unknown, scope: 'host' | 'site'): boolean {
  return error instanceof Refused && (error.problem.errors ?? []).some(({ pointer }) => pointer === `#/${scope}`);
}
