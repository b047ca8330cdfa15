import type { SiteDomain } from '@berth/contract/domain';
import { Anchor, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Callout } from '../parts/section.tsx';
import classes from './name-servers.module.css';

/** The names that the customer enters at their registrar, each with its button. */
export function NameServers({ names }: { names: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <ul className={classes.servers}>
      {names.map((name, index) => (
        <li key={name} className={classes.server}>
          <div className={classes.name}>
            <span className={classes.label}>{t('customer.domain.nameServer', { number: index + 1 })}</span>
            <code>{name}</code>
          </div>
          <CopyButton value={name} what={name} />
        </li>
      ))}
    </ul>
  );
}

const registrars = ['ionos', 'strato', 'domainfactory', 'hosteurope', 'inwx', 'godaddy', 'namecheap', 'other'] as const;
type Registrar = (typeof registrars)[number];

/** By what the names of their own name servers end with. */
const servers: readonly (readonly [RegExp, Registrar])[] = [
  [/ui-dns\.|ionos/, 'ionos'],
  [/rzone\.de|strato/, 'strato'],
  [/ispgateway\.de|domainfactory/, 'domainfactory'],
  [/hosteurope|hans\.hosteurope/, 'hosteurope'],
  [/inwx\./, 'inwx'],
  [/domaincontrol\.com/, 'godaddy'],
  [/registrar-servers\.com/, 'namecheap'],
];

/** Whose name servers a domain has now; undefined for those we don't know. */
export function registrarOf(found: readonly string[]): Registrar | undefined {
  return servers.find(([pattern]) => found.some((name) => pattern.test(name)))?.[1];
}

/** Where the fields are at the customer's registrar, step by step. */
export function RegistrarSteps({ found }: { found: readonly string[] }) {
  const { t } = useTranslation();
  const [chosen, choose] = useState<Registrar>();
  const registrar = chosen ?? registrarOf(found) ?? 'other';
  const options = registrars.map((value) => ({
    value,
    label: value === 'other' ? t('customer.domain.other') : t(`customer.registrars.${value}`),
  }));
  const steps = t(`customer.registrars.${registrar}Steps`).split('|');
  return (
    <Stack gap="sm">
      <NativeSelect
        label={t('customer.domain.registrar')}
        data={options}
        value={registrar}
        maw={320}
        onChange={(event) => choose(registrars.find((one) => one === event.currentTarget.value))}
      />
      <ol className={classes.how}>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </Stack>
  );
}

/** A mail that says all that is to be done, for who does such things for the customer. */
export function SendToExpert({ domain, names }: { domain: string; names: readonly string[] }) {
  const { t } = useTranslation();
  const subject = t('customer.domain.mailSubject', { domain });
  const body = t('customer.domain.mailBody', { domain, servers: names.map((name) => `  ${name}`).join('\n') });
  return (
    <Group gap="lg">
      <MailToExpert subject={subject} body={body} />
      <Anchor component="button" type="button" className={classes.link} onClick={() => print()}>
        <Icon name="printer" size={18} />
        {t('customer.domain.print')}
      </Anchor>
    </Group>
  );
}

/** The same for who is to switch DNSSEC off, before any name server is told. */
export function SendDnssecToExpert({ domain }: { domain: string }) {
  const { t } = useTranslation();
  return (
    <MailToExpert
      subject={t('customer.domain.dsMailSubject', { domain })}
      body={t('customer.domain.dsMailBody', { domain })}
    />
  );
}

function MailToExpert({ subject, body }: { subject: string; body: string }) {
  const { t } = useTranslation();
  const address = `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
  return (
    <Anchor href={address} className={classes.link} title={t('customer.domain.sendHint')}>
      <Icon name="send" size={18} />
      {t('customer.domain.send')}
    </Anchor>
  );
}

/** What customers fear most, and what they do wrong most often. */
export function MailSafety({ mail }: { mail: SiteDomain['mail'] | undefined }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      {mail && <Mail mail={mail} />}
      <Callout tone="amber" icon="shield" title={t('customer.domain.onlyTitle')}>
        <p>{t('customer.domain.onlyText')}</p>
      </Callout>
      <Text c="dimmed" fz="sm">
        {t('customer.domain.afterText')}
      </Text>
    </Stack>
  );
}

/** What becomes of the domain's e-mail: a promise only where it can be kept. */
function Mail({ mail: { status, records } }: { mail: SiteDomain['mail'] }) {
  const { t } = useTranslation();
  if (status === 'unknown') {
    return (
      <Callout tone="amber" icon="mail" title={t('customer.domain.mailUnknown')}>
        <p>{t('customer.domain.mailUnknownText')}</p>
      </Callout>
    );
  }
  if (status === 'none-found') {
    return (
      <Callout tone="blue" icon="mail" title={t('customer.domain.mailNone')}>
        <p>{t('customer.domain.mailNoneText')}</p>
      </Callout>
    );
  }
  return (
    <Callout tone="green" icon="mail" title={t('customer.domain.mailTitle')}>
      {records > 0 && <p>{t('customer.domain.mailRecords', { count: records })}</p>}
      <p>{t('customer.domain.mailText')}</p>
    </Callout>
  );
}
