import type { SiteDetail, SiteEvent } from '@berth/contract/site';
import { VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { may, useMe } from '../../app/use-me.ts';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { Ago, Moment, sayDuration, useNow } from '../../parts/time.tsx';
import { apart, useAdvice } from '../../status/use-reason.ts';
import { RetryStep } from './retry-step.tsx';
import classes from './step-timeline.module.css';
import { type Step, toSteps } from './steps.ts';

const TICK_MS = 1000;
const icons = { done: 'check', running: 'spinner', pending: 'clock' } as const satisfies Record<
  Step['state'],
  IconName
>;

/** The way of a site step by step: how each stands, why, how long it took and how often it was tried. */
export function StepTimeline({ site, events }: { site: SiteDetail; events: readonly SiteEvent[] }) {
  const now = useNow(TICK_MS);
  const me = useMe();
  const mayRetry = may(me, 'sites:write') && site.goneAt === null;
  return (
    <ol className={classes.steps}>
      {toSteps(site.conditions, events, now).map((step) => (
        <StepRow
          key={`${step.condition.aspect} ${step.condition.host}`}
          step={step}
          retryOf={mayRetry && step.state === 'running' ? site.key : undefined}
        />
      ))}
    </ol>
  );
}

function StepRow({
  step: { condition, state, tookMs },
  retryOf,
}: {
  step: Step;
  /** the site's key, where it may be tried again */
  retryOf: string | undefined;
}) {
  const { t, i18n } = useTranslation();
  const adviceOf = useAdvice();
  const { aspect, host, reason, message, since, tries, nextLookAt } = condition;
  const key = `reason.${reason}`;
  const said = i18n.exists(key) ? t(key as 'reason.Healthy') : apart(reason);
  return (
    <li className={classes.step} data-state={state} data-failing={tries > 0 || undefined}>
      <span className={classes.mark}>
        <Icon name={icons[state]} size={15} />
      </span>
      <div className={classes.body}>
        <div className={classes.head}>
          <strong>
            {t(`operator.aspect.${aspect as 'zone'}`)}
            {host && <span className={classes.host}> {host}</span>}
            <VisuallyHidden>: {t(`operator.site.step.${state}`)}</VisuallyHidden>
          </strong>
          <span className={classes.took}>{tookMs !== undefined && sayDuration(tookMs, i18n.language)}</span>
        </div>
        <div>
          {said} <code className={classes.constant}>{reason}</code>
        </div>
        {message && <div className={classes.message}>{adviceOf(reason, message)}</div>}
        <div className={classes.message}>
          <Moment at={since} />
          {tries > 0 && <> · {t('operator.site.tries', { count: tries })}</>}
          {state !== 'done' && nextLookAt && (
            <>
              {' · '}
              {t('operator.site.next')} <Ago at={nextLookAt} />
            </>
          )}
        </div>
        {retryOf !== undefined && (
          <RetryStep siteKey={retryOf} aspect={aspect} name={t(`operator.aspect.${aspect as 'zone'}`)} />
        )}
      </div>
    </li>
  );
}
