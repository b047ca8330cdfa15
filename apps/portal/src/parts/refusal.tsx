import { useTranslation } from 'react-i18next';
import { sayFailure } from './say-refusal.ts';
import { Callout } from './section.tsx';

/** Why something that was asked for didn't happen; nothing without an error. */
export function Refusal({ error, title }: { error: unknown; title?: string }) {
  const { t, i18n } = useTranslation();
  if (!error) return null;
  return (
    <Callout tone="red" icon="alert" title={title ?? t('state.refused')} role="alert">
      <p>{sayFailure({ t, i18n }, error)}</p>
    </Callout>
  );
}
