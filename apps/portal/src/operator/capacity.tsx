import type { Host } from '@berth/contract/host';
import { Progress, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './capacity.module.css';

const NEARLY_FULL = 80;
const FULL = 95;
const GB = 1_000_000_000;

/** How much of a host's ports and memory is taken. */
export function Capacity({ host: { ports, memory } }: { host: Pick<Host, 'ports' | 'memory'> }) {
  const { t, i18n } = useTranslation();
  const bytes = (value: number) =>
    new Intl.NumberFormat(i18n.language, { style: 'unit', unit: 'gigabyte', maximumFractionDigits: 1 }).format(
      value / GB,
    );
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value);
  const allBytes = memory.totalBytes * memory.overcommit;
  return (
    <Stack gap={10}>
      <Taken
        name={t('operator.hosts.ports')}
        part={share(ports.total - ports.free, ports.total)}
        text={t('operator.hosts.ofTotal', { used: number(ports.total - ports.free), total: number(ports.total) })}
      />
      <Taken
        name={t('operator.hosts.memory')}
        part={share(memory.placedBytes, allBytes)}
        text={t('operator.hosts.ofTotal', { used: bytes(memory.placedBytes), total: bytes(allBytes) })}
      />
    </Stack>
  );
}

const share = (taken: number, total: number) => (total > 0 ? Math.min(100, (100 * taken) / total) : 0);

function Taken({ name, part, text }: { name: string; part: number; text: string }) {
  const tone = part >= FULL ? 'red' : part >= NEARLY_FULL ? 'amber' : 'green';
  return (
    <div>
      <div className={classes.head}>
        <span>{name}</span>
        <span className={classes.text}>{text}</span>
      </div>
      <Progress value={part} color={`var(--berth-beat-${tone})`} aria-label={`${name}: ${text}`} />
    </div>
  );
}
