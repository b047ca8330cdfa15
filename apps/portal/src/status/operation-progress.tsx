import type { Operation } from '@berth/contract/operation';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { operationQuery } from '../api/queries.ts';
import { Callout } from '../parts/section.tsx';
import { sayDuration } from '../parts/time.tsx';
import { QueuePlaceText } from './queue-place.tsx';
import { useReason } from './use-reason.ts';

/** How far something is that was asked for: where it is queued, at which step, why it waits. @param initial as it was answered */
export function OperationProgress({ initial }: { initial: Operation }) {
  const { t } = useTranslation();
  const { data = initial, dataUpdatedAt } = useQuery({ ...operationQuery(initial.id), initialData: initial });
  const reasonOf = useReason();
  switch (data.status) {
    case 'succeeded':
      return <Done operation={data} at={dataUpdatedAt} />;
    case 'failed':
    case 'canceled':
      return (
        <Callout
          tone={data.status === 'failed' ? 'red' : 'grey'}
          icon="alert"
          title={t(`operator.site.${data.status}`)}
          role="status"
        >
          {sentencesOf(data, reasonOf).map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </Callout>
      );
    case 'running':
      break;
  }
  if (data.waitingFor) {
    return (
      <Callout
        tone="violet"
        icon="hand"
        title={t('operator.site.waitingFor', { what: data.waitingFor })}
        role="status"
      />
    );
  }
  const step = data.steps.find((one) => one.status === 'running') ?? data.steps.find((one) => one.status === 'pending');
  const place = (step?.queue ? step : data.steps.find((one) => one.queue !== null))?.queue;
  if (!step || (place && place.cause !== 'in-work')) {
    return (
      <Callout tone="grey" icon="clock" title={t('operator.site.queued')} role="status">
        {place && <QueuePlaceText place={place} />}
      </Callout>
    );
  }
  return (
    <Callout tone="blue" icon="spinner" title={t('operator.site.running')} role="status">
      <p>
        {t(`operator.aspect.${step.aspect as 'zone'}`)}: {reasonOf(step.reason, step.message)}
      </p>
    </Callout>
  );
}

/** Why, in the reader's words, with what else the API says of it. */
const sentencesOf = ({ steps }: Operation, reasonOf: (reason: string) => string) => [
  ...new Set(
    steps
      .filter((one) => one.status !== 'done' && one.message !== '')
      .map((one) => `${reasonOf(one.reason)}: ${one.message}`),
  ),
];

function Done({ operation, at }: { operation: Operation; at: number }) {
  const { t, i18n } = useTranslation();
  const tookMs = at - Date.parse(operation.createdAt);
  return (
    <Callout tone="green" icon="check" title={t('operator.site.succeeded')} role="status">
      {tookMs > 0 && tookMs < LONGEST_SHOWN_MS && (
        <p>{t('operator.site.tookTime', { duration: sayDuration(tookMs, i18n.language) })}</p>
      )}
    </Callout>
  );
}

const LONGEST_SHOWN_MS = 3_600_000;
