import type { Host } from '@berth/contract/host';
import { useTranslation } from 'react-i18next';
import { Pill } from '../status/status-pill.tsx';

const looks = {
  ready: { tone: 'green', icon: 'check' },
  draining: { tone: 'blue', icon: 'wrench' },
  down: { tone: 'red', icon: 'cross' },
} as const;

/** Whether a host takes sites, in a word. */
export function HostPill({ host }: { host: Pick<Host, 'state' | 'problem'> }) {
  const { t } = useTranslation();
  const { tone, icon } = looks[host.state];
  const hasProblem = host.state === 'ready' && host.problem !== null;
  return (
    <Pill tone={hasProblem ? 'amber' : tone} icon={hasProblem ? 'alert' : icon}>
      {hasProblem ? t('operator.hosts.problem') : t(`operator.hosts.${host.state}`)}
    </Pill>
  );
}
