import type { SiteProtection } from '@berth/contract/protection';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../parts/section.tsx';
import { Moment, sayDuration } from '../parts/time.tsx';
import { Pill } from '../status/status-pill.tsx';
import { useReason } from '../status/use-reason.ts';
import { PartWords } from './part-words.tsx';

/** What shall protect a site, and whether it does. */
export function Standing({ protection }: { protection: SiteProtection }) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  const { wanted, inForce, inForceAt, reason, message, version } = protection;
  return (
    <Section
      title={t('protection.now')}
      aside={
        version > 0 && (
          <span aria-live="polite">
            <Pill tone={inForce ? 'green' : 'blue'} icon={inForce ? 'check' : 'spinner'} turning={!inForce}>
              {t(inForce ? 'protection.inForce' : 'protection.pending')}
            </Pill>
          </span>
        )
      }
      {...(inForce &&
        inForceAt && {
          note: (
            <>
              {t('protection.since')} <Moment at={inForceAt} />
            </>
          ),
        })}
    >
      <PartWords of={wanted} />
      {!inForce && (
        <Text mt="sm" c="dimmed">
          {reason !== '' && `${reasonOf(reason, message)} · `}
          {t('protection.pendingText')}
        </Text>
      )}
    </Section>
  );
}

/** What the plan of the zone gives, in words. */
export function PlanLimits({ protection: { plan, planSeen, limits } }: { protection: SiteProtection }) {
  const { t, i18n } = useTranslation();
  const duration = (seconds: number) => sayDuration(1000 * seconds, i18n.language);
  const times = { period: duration(limits.longestPeriodSeconds), timeout: duration(limits.longestTimeoutSeconds) };
  const sentences = [
    ...(planSeen ? [] : [t('protection.plan.unseen')]),
    t('protection.plan.access'),
    t('protection.plan.rules', { count: limits.customRules }),
    t('protection.plan.limits', { count: limits.rateRules }),
    t('protection.plan.times', times),
    t(limits.limitsByHost ? 'protection.plan.ownHosts' : 'protection.plan.allHosts'),
  ];
  return (
    <Section title={t('protection.plan.title')} note={t('protection.plan.name', { plan })}>
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Section>
  );
}
