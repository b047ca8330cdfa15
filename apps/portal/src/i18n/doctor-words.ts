import { check as checkDe } from './de/check.ts';
import { finding as findingDe } from './de/finding.ts';
import { check as checkEn } from './en/check.ts';
import { finding as findingEn } from './en/finding.ts';
import type { Language } from './start.ts';

/** What the doctor's page says of its checks, in each language: apart from the others, since no other page needs it. */
export const doctorTexts = {
  de: { check: checkDe, finding: findingDe },
  en: { check: checkEn, finding: findingEn },
} as const satisfies Record<Language, object>;

/** What is said of one check. */
export interface CheckWords {
  title: string | undefined;
  /** what is wrong where it isn't well, and what to do */
  what: string | undefined;
  fix: string | undefined;
}

/** The words of one check. @param id such as `docker.disk`; nothing is said of one that isn't known here */
export function wordsOfCheck(language: Language, id: string): CheckWords {
  const { check, finding } = doctorTexts[language];
  return { title: textAt(check, id), what: textAt(finding, `${id}.what`), fix: textAt(finding, `${id}.fix`) };
}

function textAt(texts: object, path: string): string | undefined {
  let found: unknown = texts;
  for (const part of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return typeof found === 'string' ? found : undefined;
}
