import type { SiteEvent } from '@berth/contract/site';
import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty, Section } from '../../parts/section.tsx';
import { Moment } from '../../parts/time.tsx';
import { Pill } from '../../status/status-pill.tsx';
import { useEventName, useReason } from '../../status/use-reason.ts';
import classes from './event-list.module.css';

const AT_FIRST = 30;

/** All that happened to a site, the newest first, and what happens from now on. */
export function EventList({ events, isLive }: { events: readonly SiteEvent[]; isLive: boolean }) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  const nameOf = useEventName();
  const [all, setAll] = useState(true);
  const [most, setMost] = useState(AT_FIRST);
  const wanted = events.filter((event) => all || event.type !== 'condition.changed').toReversed();
  return (
    <Section
      title={t('operator.site.events')}
      aside={
        <div className={classes.aside}>
          <Checkbox
            label={t('operator.site.allEvents')}
            checked={all}
            onChange={(event) => setAll(event.currentTarget.checked)}
          />
          <Pill tone={isLive ? 'green' : 'grey'}>{t(isLive ? 'operator.site.live' : 'operator.site.polled')}</Pill>
        </div>
      }
    >
      {wanted.length === 0 ? (
        <Empty icon="list" title={t('operator.site.noEvents')} />
      ) : (
        <ol className={classes.events}>
          {wanted.slice(0, most).map(({ seq, at, type, aspect, status, reason, message }) => (
            <li key={seq}>
              <Moment at={at} />
              <span className={classes.type} title={type === 'condition.changed' ? (reason ?? undefined) : type}>
                {type === 'condition.changed'
                  ? `${t(`operator.aspect.${aspect as 'zone'}`)} → ${reasonOf(reason ?? '')}`
                  : nameOf(type)}
                {type === 'condition.changed' && status === 'true' && ' ✓'}
              </span>
              <span className={classes.message}>{message}</span>
            </li>
          ))}
        </ol>
      )}
      {wanted.length > most && (
        <Button variant="subtle" mt="xs" onClick={() => setMost(wanted.length)}>
          {t('action.more')}
        </Button>
      )}
    </Section>
  );
}
