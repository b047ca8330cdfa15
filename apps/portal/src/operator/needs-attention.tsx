import type { Overview } from '@berth/contract/overview';
import { Code, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty, Section } from '../parts/section.tsx';
import { sayDuration, useNow } from '../parts/time.tsx';
import { toUnicode } from '../parts/to-unicode.ts';
import { useAdvice, useReason } from '../status/use-reason.ts';
import classes from './home-page.module.css';

const MOST = 50;
const EXAMPLE = 'npm run demo';

/** What needs an operator now, with why and for how long; and how much waits for nobody but its customer. */
export function NeedsAttention({ overview: { attention, customersTurn, sites } }: { overview: Overview }) {
  const { t, i18n } = useTranslation();
  const reasonOf = useReason();
  const adviceOf = useAdvice();
  const now = useNow();
  if (attention.length === 0) {
    const isNew = Object.values(sites).every((count) => !count);
    return (
      <Section title={t('operator.nav.sites')}>
        {isNew ? (
          <Empty icon="anchor" title={t('operator.home.noSites')}>
            <p>{t('operator.home.noSitesText')}</p>
            <Code>{EXAMPLE}</Code>
          </Empty>
        ) : (
          <Empty icon="check" title={t('operator.home.none')}>
            <p>{t('operator.home.noneText')}</p>
            <CustomersTurn turn={customersTurn} />
          </Empty>
        )}
      </Section>
    );
  }
  return (
    <Section
      title={t('operator.home.siteCount', { count: attention.length })}
      note={attention.length >= MOST && t('operator.home.more')}
    >
      <ul className={classes.attention}>
        {attention.map((one) => (
          <li key={`${one.site} ${one.aspect}`}>
            <Link to="/ops/sites/$key" params={{ key: one.site }} className={classes.row}>
              <span className={classes.domain}>{toUnicode(one.domain)}</span>
              <span className={classes.what}>
                <strong>{reasonOf(one.reason)}</strong>
                <span className={classes.message}>{adviceOf(one.reason, one.message)}</span>
              </span>
              <span className={classes.aspect}>{t(`operator.aspect.${one.aspect as 'zone'}`)}</span>
              <span className={classes.since}>
                {t('operator.home.since')} {sayDuration(now - Date.parse(one.since), i18n.language)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <CustomersTurn turn={customersTurn} />
    </Section>
  );
}

/** Who waits for their customers alone: nothing to be done, and where they are. */
function CustomersTurn({ turn: { days, sites } }: { turn: Overview['customersTurn'] }) {
  const { t } = useTranslation();
  if (sites === 0) return null;
  return (
    <Text c="dimmed" fz="sm" mt="sm" className={classes.turn}>
      {t('operator.home.customersTurn', { count: sites, days })}{' '}
      <Link to="/ops/sites" search={{ state: 'waiting' }} className={classes.link}>
        {t('operator.home.customersTurnShow')}
      </Link>
    </Text>
  );
}
