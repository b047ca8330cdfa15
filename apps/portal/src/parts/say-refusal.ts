import type { TFunction } from 'i18next';
import { Refused } from '../api/ask.ts';
import { sayDuration } from './time.tsx';

interface Speech {
  t: TFunction;
  i18n: { exists(key: string): boolean; language: string };
}

/** Why the API refused, in words of the page by its code; what has none, which operators alone meet, as the API says it. */
export function sayRefusal({ t, i18n }: Speech, { problem, retryAfterS, message }: Refused): string {
  if (problem.status === 429 && retryAfterS !== undefined)
    return t('signIn.tooMany', { wait: sayDuration(retryAfterS * 1000, i18n.language) });
  const key = `refusal.${problem.code}`;
  return i18n.exists(key) ? t(key as 'refusal.internal.unexpected', { requestId: problem.requestId }) : message;
}

/** Why something didn't happen that the API was asked for. */
export function sayFailure(speech: Speech, error: unknown): string {
  return error instanceof Refused ? sayRefusal(speech, error) : speech.t('state.unreachable');
}
