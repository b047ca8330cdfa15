import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { en } from './en.ts';

export const languages = ['de', 'en'] as const;
export type Language = (typeof languages)[number];

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const KEPT = 'berth-language';

const load: Record<Language, () => Promise<object>> = {
  de: async () => (await import('./de.ts')).de,
  en: async () => (await import('./en.ts')).en,
};

/** Begins to speak the language that was chosen here, or else the browser's. */
export async function startLanguages(): Promise<void> {
  const language: Language = document.documentElement.lang === 'de' ? 'de' : 'en';
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: await load[language]() } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

/** Speaks `language` from now on. @param keep whether it was chosen by hand, and holds for the next visit too */
export async function speak(language: Language, keep: boolean): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await load[language]());
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  if (keep) remember(language);
}

/** Whether somebody chose a language in this browser. */
export function hasChosenLanguage(): boolean {
  try {
    return localStorage.getItem(KEPT) !== null;
  } catch {
    return false;
  }
}

function remember(language: Language): void {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // A browser that keeps nothing speaks its own language next time.
  }
}
