import { Box } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Empty } from '../parts/section.tsx';
import { Moment } from '../parts/time.tsx';
import classes from './log-tail.module.css';

const TAIL = 40;
const EVERY_MS = 5000;

/** The last lines that the website wrote. */
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
    refetchInterval: EVERY_MS,
  });
  if (!data) return <Refusal error={error} />;
  if (data.data.length === 0) {
    return (
      <Empty icon="list" title={t('customer.website.logsNone')}>
        <p>{t('customer.website.logsNoneText')}</p>
      </Empty>
    );
  }
  return (
    <Box role="log" className={classes.lines} aria-label={t('customer.website.logs')} tabIndex={0}>
      {data.data.map((line) => (
        <div key={line.id} className={classes.line} data-stream={line.stream}>
          <Moment at={line.at} />
          <span>{line.line}</span>
        </div>
      ))}
    </Box>
  );
}
