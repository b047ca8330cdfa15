import type { ProtectionChangeAnswer } from '@berth/contract/protection';
import { Button, Group, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Callout, Facts } from '../../parts/section.tsx';
import { Sentences } from '../../protection/part-words.tsx';
import classes from '../../protection/protection.module.css';
import { Problems } from '../../protection/refused.tsx';
import { sayNote } from '../../protection/said.ts';
import type { PartName } from '../../protection/words.ts';

const parts: readonly PartName[] = ['access', 'ip', 'rateLimit', 'underAttack'];

interface OutlookProps {
  of: ProtectionChangeAnswer;
  isSaving: boolean;
  onSave(): void;
}

/** What saving would change, part by part, and why it can't be had. */
export function ProtectionOutlook({ of: { changes, problems, notes }, isSaving, onSave }: OutlookProps) {
  const { t, i18n } = useTranslation();
  if (problems.length > 0) return <Problems problems={problems} />;
  if (changes.length === 0) {
    return <Callout tone="grey" icon="check" title={t('protection.form.nothing')} role="status" />;
  }
  return (
    <>
      <div role="status">
        <Title order={3}>{t('protection.form.would')}</Title>
        <ul className={classes.changes}>
          {parts.flatMap((part) => {
            const change = changes.find((one) => one.part === part);
            if (!change) return [];
            return (
              <li key={part}>
                <strong>{t(`protection.part.${part}`)}</strong>
                <Facts
                  facts={[
                    [t('protection.form.before'), <Sentences key="before" part={part} value={change.before} />],
                    [t('protection.form.after'), <Sentences key="after" part={part} value={change.after} />],
                  ]}
                />
              </li>
            );
          })}
        </ul>
        {notes.length > 0 && (
          <>
            <Title order={3} mt="md">
              {t('protection.form.known')}
            </Title>
            <ul className={classes.sentences}>
              {notes.map((note) => (
                <li key={note.code}>{sayNote({ t, i18n }, note)}</li>
              ))}
            </ul>
          </>
        )}
      </div>
      <Group>
        <Button loading={isSaving} onClick={onSave}>
          {t('protection.form.save')}
        </Button>
      </Group>
    </>
  );
}
