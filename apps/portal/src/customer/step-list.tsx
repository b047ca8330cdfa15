import { VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/icon.tsx';
import { domainSteps } from './domain-steps.ts';
import classes from './step-list.module.css';

/** The five steps from the order to the website, with where it is. */
export function StepList({ done }: { done: number }) {
  const { t } = useTranslation();
  return (
    <ol className={classes.steps} aria-label={t('customer.domain.steps')}>
      {domainSteps.map((step, index) => {
        const state = index < done ? 'done' : index === done ? 'current' : 'open';
        return (
          <li
            key={step}
            className={classes.step}
            data-state={state}
            aria-current={state === 'current' ? 'step' : undefined}
          >
            <span className={classes.mark}>{state === 'done' ? <Icon name="check" size={16} /> : index + 1}</span>
            <span>
              {t(`customer.domain.step.${step}`)}
              <VisuallyHidden>, {t(`customer.domain.stepState.${state}`)}</VisuallyHidden>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
