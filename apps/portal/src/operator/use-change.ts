import { useTranslation } from 'react-i18next';
import { apart } from '../status/use-reason.ts';

/** The routes that the audit may tell of: those that the language has words for. */
export function useChanges(): string[] {
  const { t } = useTranslation();
  return Object.keys(t('change', { returnObjects: true }));
}

/** Says what a change was, by the name of its route; one that we have no words for by its name, taken apart. */
export function useChange(): (action: string) => string {
  const { t, i18n } = useTranslation();
  return (action) => (i18n.exists(`change.${action}`) ? t(`change.${action as 'restartSite'}`) : apart(action));
}
