import type { TFunction } from 'i18next';

/** A sentence as the API says it: by code where it has one, and in English. */
export interface Said {
  code?: string | undefined;
  values?: Readonly<Record<string, string | number>> | undefined;
  detail: string;
}

/** In which language something is said, and whether it has words for it. */
export interface Speech {
  t: TFunction;
  i18n: { exists(key: string): boolean };
}

/** Why something can't be had, in the reader's language. @param pointer the field that it is about */
export function sayProblem(speech: Speech, pointer: string, said: Said): string {
  return sayBy(speech, `protection.problem.${said.code}`, said) ?? sayBadForm(speech, pointer, said) ?? said.detail;
}

/** What should be known, in the reader's language. */
export function sayNote(speech: Speech, said: Said): string {
  return sayBy(speech, `protection.note.${said.code}`, said) ?? said.detail;
}

/** Nothing where there are no words here: a page that is older than the API doesn't know all of its codes. */
function sayBy({ t, i18n }: Speech, key: string, { code, values }: Said): string | undefined {
  if (code === undefined || !i18n.exists(key)) return undefined;
  return t(key as 'protection.problem.ip.all-blocked', { ...values });
}

/** Fields that a schema refuses for one cause alone; those of lists with the number of a line. */
const FORMED = /^#\/(?:(address|country|email)|access\/(emails|groups|serviceTokens)\/\d+)$/;

/** What a schema refuses has no code, and so is told by its field. */
function sayBadForm({ t }: Speech, pointer: string, { code }: Said): string | undefined {
  const [, visitor, list] = FORMED.exec(pointer) ?? [];
  const field = visitor ?? list;
  if (code !== undefined || field === undefined) return undefined;
  return t(`protection.badForm.${field}` as 'protection.badForm.email');
}
