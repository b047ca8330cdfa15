import { useTranslation } from 'react-i18next';

/** Says a reason, which is a constant, in the reader's language; one without words of its own in the server's, or apart: `PortFreed` → `Port freed`. */
export function useReason(): (reason: string, message?: string) => string {
  const { t, i18n } = useTranslation();
  return (reason, message) => {
    const key = `reason.${reason}`;
    if (i18n.exists(key)) return t(key as 'reason.Healthy');
    return message || apart(reason);
  };
}

/** Says what to do about a reason, and why it came, in the reader's language; where there are no words of its own, what the server says. */
export function useAdvice(): (reason: string, message: string) => string {
  const { t, i18n } = useTranslation();
  return (reason, message) => {
    const key = `advice.${reason}`;
    return i18n.exists(key) ? t(key as 'advice.ZoneLeft') : message;
  };
}

/** Says what happened, by the type of an event such as `site.down`, in the reader's language; one without words of its own as it's called. */
export function useEventName(): (type: string) => string {
  const { t, i18n } = useTranslation();
  return (type) => {
    const key = `event.${type}`;
    return i18n.exists(key) ? t(key as 'event.site.down') : type;
  };
}

/** `PortFreed` → `Port freed` */
export function apart(reason: string): string {
  const words = reason.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
