import { useTranslation } from 'react-i18next';
import { Refused } from '../api/ask.ts';
import { Callout } from './section.tsx';
import { sayDuration } from './time.tsx';

/** Why something that was asked for didn't happen; nothing without an error. */
export function Refusal({ error, title }: { error: unknown; title?: string }) {
  const { t, i18n } = useTranslation();
  if (!error) return null;
  const text =
    error instanceof Refused
      ? error.problem.status === 429 && error.retryAfterS !== undefined
        ? t('signIn.tooMany', { wait: sayDuration(error.retryAfterS * 1000, i18n.language) })
        : error.problem.code === 'sign-in.failed'
          ? t('signIn.failed')
          : error.message
      : t('state.unreachable');
  return (
    <Callout tone="red" icon="alert" title={title ?? t('state.refused')} role="alert">
      <p>{text}</p>
    </Callout>
  );
}
