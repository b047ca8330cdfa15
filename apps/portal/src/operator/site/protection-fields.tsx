import type { SiteProtection } from '@berth/contract/protection';
import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { sayDuration } from '../../parts/time.tsx';
import { choices, type Draft } from '../../protection/draft.ts';
import classes from '../../protection/protection.module.css';

interface FieldsProps {
  draft: Draft;
  limits: SiteProtection['limits'];
  onChange(next: Draft): void;
}

const lists = {
  access: ['emails', 'emailDomains', 'groups', 'serviceTokens'],
  ip: ['allow', 'block', 'blockCountries'],
  rateLimit: [],
} as const;
const parts = ['access', 'ip', 'rateLimit'] as const;

/** The fields of what protects a site: of each part only while it is on. */
export function ProtectionFields({ draft, limits, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const held = parts.map((part) => {
    const isOn = draft[`${part}On`];
    return (
      <div key={part} className={classes.part}>
        <Switch
          label={t(`protection.form.${part}On`)}
          checked={isOn}
          onChange={(event) => onChange({ ...draft, [`${part}On`]: event.currentTarget.checked })}
        />
        {isOn && (
          <div className={classes.fields} style={{ marginTop: 14 }}>
            {lists[part].map((field) => (
              <Textarea
                key={field}
                label={t(`protection.field.${field}`)}
                description={t(`protection.form.${field === 'blockCountries' ? 'countries' : 'lines'}`)}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                rows={3}
                value={draft[field]}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => onChange({ ...draft, [field]: event.currentTarget.value })}
              />
            ))}
            {part === 'access' && <Count field="sessionHours" most={720} draft={draft} onChange={onChange} />}
            {part === 'rateLimit' && <RateFields draft={draft} limits={limits} onChange={onChange} />}
          </div>
        )}
      </div>
    );
  });
  return (
    <>
      {held}
      <div className={classes.part}>
        <Switch
          label={t('protection.form.underAttackOn')}
          description={t('protection.form.attackHint')}
          checked={draft.underAttack}
          onChange={(event) => onChange({ ...draft, underAttack: event.currentTarget.checked })}
        />
      </div>
    </>
  );
}

function RateFields({ draft, limits, onChange }: FieldsProps) {
  const { t, i18n } = useTranslation();
  const seconds = [
    ['periodSeconds', limits.longestPeriodSeconds],
    ...(draft.action === 'block' ? ([['timeoutSeconds', limits.longestTimeoutSeconds]] as const) : []),
  ] as const;
  const actions = ['block', 'managed_challenge'] as const;
  return (
    <>
      <Count field="requests" most={1_000_000} draft={draft} onChange={onChange} />
      {seconds.map(([field, longest]) => (
        <NativeSelect
          key={field}
          label={t(`protection.field.${field}`)}
          value={draft[field]}
          data={choices(field, longest, draft[field]).map((value) => ({
            value,
            label: sayDuration(1000 * Number(value), i18n.language),
          }))}
          onChange={(event) => onChange({ ...draft, [field]: event.currentTarget.value })}
        />
      ))}
      <NativeSelect
        label={t('protection.field.action')}
        value={draft.action}
        data={actions.map((value) => ({ value, label: t(`protection.action.${value}`) }))}
        onChange={(event) =>
          onChange({ ...draft, action: actions.find((one) => one === event.currentTarget.value) ?? 'block' })
        }
      />
      <TextInput
        label={t('protection.field.path')}
        value={draft.path}
        maxLength={200}
        autoComplete="off"
        onChange={(event) => onChange({ ...draft, path: event.currentTarget.value })}
      />
    </>
  );
}

interface CountProps extends Omit<FieldsProps, 'limits'> {
  field: 'requests' | 'sessionHours';
  most: number;
}

function Count({ field, most, draft, onChange }: CountProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      required
      type="number"
      min={1}
      max={most}
      label={t(`protection.field.${field}`)}
      value={draft[field]}
      onChange={(event) => onChange({ ...draft, [field]: event.currentTarget.value })}
    />
  );
}
