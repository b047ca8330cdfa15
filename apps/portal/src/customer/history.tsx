import type { SiteEvent } from '@berth/contract/site';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Empty } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import classes from './history.module.css';

const looks: Readonly<Record<string, IconName>> = {
  'order-accepted': 'list',
  'order-failed': 'alert',
  'order-canceled': 'cross',
  'zone-wait': 'clock',
  'zone-confirmed': 'globe',
  'deploy-requested': 'box',
  'release-failed': 'alert',
  'deletion-requested': 'cross',
  'site-gone': 'cross',
  'health-crash-looping': 'alert',
  'order-live': 'check',
  'reachable-true': 'check',
  'site-recovered': 'check',
  'zone-true': 'globe',
  'container-true': 'box',
  'restart-requested': 'restart',
  'health-restarted': 'restart',
  'site-down': 'alert',
  'reachable-false': 'alert',
};

/**
 * What of an event concerns the customer, as the name of its text; undefined for what only those who run Berth understand. What was true already
 * when the website went live isn't told a second time.
 */
export function textOf({ type, aspect, status, reason }: SiteEvent): string | undefined {
  if (type !== 'condition.changed') return type.replace('.', '-');
  if (aspect === 'zone' && reason === 'NameserversNotChanged') return 'zone-wait';
  return aspect && status ? `${aspect}-${status}` : undefined;
}

const AT_FIRST = 8;

/** What happened to the website in its owner's words, the newest first. */
export function History({ events }: { events: readonly SiteEvent[] }) {
  const { t, i18n } = useTranslation();
  const [shown, setShown] = useState(AT_FIRST);
  const told = events.flatMap((event) => {
    const key = `customer.event.${textOf(event)}`;
    return i18n.exists(key) ? [{ seq: event.seq, at: event.at, name: textOf(event) ?? '', key }] : [];
  });
  if (told.length === 0) return <Empty icon="clock" title={t('customer.website.historyNone')} />;
  return (
    <>
      <ol className={classes.history}>
        {told
          .toReversed()
          .slice(0, shown)
          .map(({ seq, at, name, key }) => (
            <li key={seq}>
              <Icon name={looks[name] ?? 'dot'} size={18} />
              <span>{t(key as 'customer.event.order-live')}</span>
              <Moment at={at} />
            </li>
          ))}
      </ol>
      {told.length > shown && (
        <Button variant="subtle" mt="xs" onClick={() => setShown(told.length)}>
          {t('action.more')}
        </Button>
      )}
    </>
  );
}
