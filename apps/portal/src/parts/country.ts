import type { TFunction } from 'i18next';

/** Cloudflare's codes for no country: of the network Tor, and of an address that nobody knows the country of. */
const TOR = 'T1';
const UNKNOWN = 'XX';

/** A country's name by its code, such as `DE`; "Tor" or "unknown" for what is none. What is no code stays as it is. */
export function sayCountry(code: string, { t, language }: { t: TFunction; language: string }): string {
  const other = sayNoCountry(code, t);
  if (other !== undefined) return other;
  try {
    return new Intl.DisplayNames(language, { type: 'region' }).of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}

/** Undefined for what is a country. */
export function sayNoCountry(code: string, t: TFunction): string | undefined {
  const upper = code.toUpperCase();
  if (upper === TOR) return 'Tor';
  return upper === UNKNOWN || upper === '' ? t('country.unknown') : undefined;
}
