import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon, type IconName } from '../parts/icon.tsx';
import type { Word } from './eight-words.ts';
import classes from './status-pill.module.css';

export type Tone = 'grey' | 'blue' | 'violet' | 'green' | 'amber' | 'red';

const looks: Record<Word, { tone: Tone; icon: IconName }> = {
  queued: { tone: 'grey', icon: 'clock' },
  working: { tone: 'blue', icon: 'spinner' },
  waiting: { tone: 'violet', icon: 'hand' },
  online: { tone: 'green', icon: 'check' },
  degraded: { tone: 'amber', icon: 'alert' },
  offline: { tone: 'red', icon: 'cross' },
  maintenance: { tone: 'blue', icon: 'wrench' },
  unknown: { tone: 'grey', icon: 'question' },
};

/** One of the eight words: never by colour alone, always with its icon and its text. */
export function StatusPill({ word, large }: { word: Word; large?: boolean }) {
  const { t } = useTranslation();
  const { tone, icon } = looks[word];
  return (
    <Pill tone={tone} icon={icon} large={large} turning={word === 'working'}>
      {t(`word.${word}`)}
    </Pill>
  );
}

interface PillProps {
  tone: Tone;
  icon?: IconName;
  large?: boolean | undefined;
  turning?: boolean;
  children: ReactNode;
}

export function Pill({ tone, icon, large, turning, children }: PillProps) {
  const className = turning ? `${classes.pill} ${classes.turning}` : classes.pill;
  return (
    <span className={className} data-tone={tone} data-large={large || undefined}>
      {icon && <Icon name={icon} size={large ? 18 : 15} />}
      {children}
    </span>
  );
}
