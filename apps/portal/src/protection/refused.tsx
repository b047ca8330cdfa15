import { useTranslation } from 'react-i18next';
import { Refused as Refusing } from '../api/ask.ts';
import { Refusal } from '../parts/refusal.tsx';
import { Callout } from '../parts/section.tsx';
import classes from './protection.module.css';
import { type Said, sayProblem } from './said.ts';

interface FieldProblem extends Said {
  pointer: string;
}

/** Why something that was asked for can't be had: by field where the API says so. */
export function Refused({ error }: { error: unknown }) {
  const problems = error instanceof Refusing ? error.problem.errors : undefined;
  return problems && problems.length > 0 ? <Problems problems={problems} /> : <Refusal error={error} />;
}

/** What is wrong, each with the field that it is about. */
export function Problems({ problems }: { problems: readonly FieldProblem[] }) {
  const { t, i18n } = useTranslation();
  const sayField = useField();
  return (
    <Callout tone="red" icon="alert" title={t('protection.form.impossible')} role="alert">
      <ul className={classes.changes}>
        {problems.map(({ pointer, ...said }) => (
          <li key={pointer + said.detail}>
            <strong>{sayField(pointer)}</strong>
            {sayProblem({ t, i18n }, pointer, said)}
          </li>
        ))}
      </ul>
    </Callout>
  );
}

/** `#/ip/allow/0` in words; what isn't known stays as it is. */
function useField(): (pointer: string) => string {
  const { t, i18n } = useTranslation();
  return (pointer) => {
    const names = pointer.split('/').slice(1);
    const line = /^\d+$/.test(names.at(-1) ?? '') ? Number(names.pop()) + 1 : undefined;
    const name = names.at(-1) ?? '';
    const known = ['protection.field', 'protection.try'].find((room) => i18n.exists(`${room}.${name}`));
    if (!known) return pointer;
    const field = t(`${known}.${name}` as 'protection.field.allow');
    return line === undefined ? field : `${field}, ${t('protection.form.line', { line })}`;
  };
}
