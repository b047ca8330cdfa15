import { Title } from '@mantine/core';
import { Fragment, type ReactNode, useId } from 'react';
import type { Tone } from '../status/status-pill.tsx';
import { Icon, type IconName } from './icon.tsx';
import classes from './section.module.css';

interface SectionProps {
  title: ReactNode;
  /** beside the title */
  aside?: ReactNode;
  note?: ReactNode;
  children: ReactNode;
}

/** A card with a heading of its own. */
export function Section({ title, aside, note, children }: SectionProps) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {note && <div className={classes.note}>{note}</div>}
        </div>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Nothing is there, and what comes next. */
export function Empty({ icon, title, children }: { icon: IconName; title: ReactNode; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <Icon name={icon} size={34} />
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** A name and what it is; what is false isn't shown. */
export type Fact = readonly [name: string, value: ReactNode] | false | null | undefined;

/** Names and what they are, one under the other. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const shown = facts.filter((fact) => fact !== false && fact !== null && fact !== undefined);
  return (
    <dl className={classes.facts}>
      {shown.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

interface CalloutProps {
  tone: Tone;
  icon: IconName;
  title: ReactNode;
  children?: ReactNode;
  role?: 'status' | 'alert';
}

/** Something to know before going on. */
export function Callout({ tone, icon, title, children, role }: CalloutProps) {
  return (
    <div className={classes.callout} data-tone={tone} role={role}>
      <Icon name={icon} size={22} style={{ marginTop: 1 }} />
      <div>
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}
