import type { ReactNode } from 'react';
import { Moment } from '../parts/time.tsx';
import classes from './row-list.module.css';

/** Something that happened: how it ended, what it was and of what, who had to do with it, and when. */
export interface Told {
  id: string;
  pill: ReactNode;
  what: string;
  of: string | null;
  who: string;
  at: string;
}

/** What happened, one row each; a row opens to all that is known of it. */
export function ToldList({ all, onOpen }: { all: readonly Told[]; onOpen(id: string): void }) {
  return (
    <ul className={classes.list}>
      {all.map(({ id, pill, what, of, who, at }) => (
        <li key={id}>
          <button type="button" className={classes.row} onClick={() => onOpen(id)}>
            {pill}
            <span className={classes.name}>
              {what}
              {of && ' '}
              {of && <span className={classes.dim}>{of}</span>}
            </span>
            <span className={classes.dim}>{who}</span>
            <span className={classes.dim}>
              <Moment at={at} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
