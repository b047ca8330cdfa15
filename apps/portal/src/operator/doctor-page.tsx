import type { CheckGroup } from '@berth/contract/doctor';
import { Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { doctorQuery } from '../api/queries.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
import { type CheckWords, wordsOfCheck } from '../i18n/doctor-words.ts';
import { Icon } from '../parts/icon.tsx';
import { Section } from '../parts/section.tsx';
import { Ago } from '../parts/time.tsx';
import { Pill } from '../status/status-pill.tsx';
import classes from './doctor-page.module.css';

const tones = { ok: 'green', warn: 'amber', fail: 'red' } as const;
const icons = { ok: 'check', warn: 'alert', fail: 'cross' } as const;

/** What the installation stands on: what is wrong, and what to do. */
export function DoctorPage() {
  const { t } = useTranslation();
  const { data, error } = useQuery(doctorQuery);
  usePageTitle(t('operator.doctor.title'));
  if (!data) return error ? <BrokenPage error={error} /> : <Loading />;
  return (
    <>
      <Group gap="md">
        <Title order={1}>{t('operator.doctor.title')}</Title>
        <Pill tone={tones[data.status]} icon={icons[data.status]} large>
          {t(`operator.doctor.${data.status}`)}
        </Pill>
      </Group>
      <Text c="dimmed">{t('operator.doctor.note')}</Text>
      {data.groups.map((group) => (
        <CheckList key={`${group.scope} ${group.subject} ${group.service}`} group={group} />
      ))}
    </>
  );
}

function CheckList({ group }: { group: CheckGroup }) {
  const wordsOf = useCheckWords();
  return (
    <Section title={<GroupTitle of={group} />} note={<Ago at={group.checkedAt} />}>
      <ul className={classes.checks}>
        {group.checks.map((check) => (
          <li key={check.id}>
            <span className={classes.name} data-status={check.status}>
              <Icon name={icons[check.status]} size={18} />
              {wordsOf(check.id).title ?? check.title}
            </span>
            <Finding of={check} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** An account's id is 32 characters long, and stays in one line on a phone. */
function GroupTitle({ of: { scope, subject, service } }: { of: CheckGroup }) {
  const { t } = useTranslation();
  if (scope !== 'cloudflare') return `${t(`operator.doctor.${scope}`, { subject })} · ${service}`;
  return (
    <>
      {t('operator.doctor.cloudflare')} <code className={classes.subject}>{subject}</code> · {service}
    </>
  );
}

type Check = CheckGroup['checks'][number];

/** `20.10.24+dfsg1`: the same in every language */
const IS_VERSION = /^v?\d[\w.+~:-]*$/;

/** What was found, and what to do, in the reader's words by the check's id; with names and numbers as the API says it, in English. */
function Finding({ of: { id, status, detail, fix } }: { of: Check }) {
  const { t, i18n } = useTranslation();
  const words = useCheckWords()(id);
  if (status === 'ok') {
    const isPlain = i18n.language.startsWith('en') || IS_VERSION.test(detail);
    return <div>{isPlain ? detail : t('operator.doctor.fine')}</div>;
  }
  const todo = words.what ? words.fix : fix;
  return (
    <div>
      <div>{words.what ?? detail}</div>
      {todo && (
        <Text c="dimmed" fz="sm">
          {t('operator.doctor.fix')}: {todo}
        </Text>
      )}
      {words.what && (
        <Text c="dimmed" fz="sm">
          {t('operator.doctor.exactly')}: <span lang="en">{[detail, fix].filter(Boolean).join(' · ')}</span>
        </Text>
      )}
    </div>
  );
}

function useCheckWords(): (id: string) => CheckWords {
  const { i18n } = useTranslation();
  return (id) => wordsOfCheck(i18n.language === 'de' ? 'de' : 'en', id);
}
