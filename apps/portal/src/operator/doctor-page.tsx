import type { CheckGroup } from '@berth/contract/doctor';
import { Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { doctorQuery } from '../api/queries.ts';
import { BrokenPage, Loading } from '../app/error-page.tsx';
import { usePageTitle } from '../app/page-title.ts';
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
  const { t, i18n } = useTranslation();
  const titleOf = ({ id, title }: CheckGroup['checks'][number]) => {
    const key = `check.${id}`;
    return i18n.exists(key) ? t(key as 'check.docker.answers') : title;
  };
  return (
    <Section
      title={`${t(`operator.doctor.${group.scope}`, { subject: group.subject })} · ${group.service}`}
      note={<Ago at={group.checkedAt} />}
    >
      <ul className={classes.checks}>
        {group.checks.map((check) => (
          <li key={check.id}>
            <span className={classes.name} data-status={check.status}>
              <Icon name={icons[check.status]} size={18} />
              {titleOf(check)}
            </span>
            <div>
              <div>{check.detail}</div>
              {check.fix && (
                <Text c="dimmed" fz="sm">
                  {t('operator.doctor.fix')}: {check.fix}
                </Text>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
