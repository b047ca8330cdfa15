import type { LogLine } from '@berth/contract/logs';
import { Box } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask, isRefusal } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import classes from './log-tail.module.css';

const TAIL = 40;
const EVERY_MS = 5000;

/** The last lines that the website wrote; nothing for who may not read them. */
export function LogTail({ siteKey }: { siteKey: string }) {
  const { t } = useTranslation();
  const { data, error } = useQuery({
    queryKey: ['logs', siteKey, 'tail'],
    queryFn: ({ signal }) =>
      ask(
        'get',
        '/v1/sites/{key}/logs',
        { params: { key: siteKey }, query: { tail: TAIL, source: 'container' } },
        signal,
      ),
    refetchInterval: ({ state }) => (isRefusal(state.error, 403) ? false : EVERY_MS),
  });
  if (isRefusal(error, 403)) return null;
  return (
    <Section title={t('customer.website.logs')} note={t('customer.website.logsNote')}>
      {data ? <Lines lines={data.data} /> : <Refusal error={error} />}
    </Section>
  );
}

function Lines({ lines }: { lines: readonly LogLine[] }) {
  const { t } = useTranslation();
  if (lines.length === 0) {
    return (
      <Empty icon="list" title={t('customer.website.logsNone')}>
        <p>{t('customer.website.logsNoneText')}</p>
      </Empty>
    );
  }
  return (
    <Box role="log" className={classes.lines} aria-label={t('customer.website.logs')} tabIndex={0}>
      {lines.map((line) => (
        <div key={line.id} className={classes.line} data-stream={line.stream}>
          <Moment at={line.at} />
          <span>{line.line}</span>
        </div>
      ))}
    </Box>
  );
}
