import type { SiteProtection } from '@berth/contract/protection';
import type { TFunction } from 'i18next';
import { sayCountry } from '../parts/country.ts';
import { sayDuration } from '../parts/time.tsx';

type Wanted = SiteProtection['wanted'];
export type PartName = keyof Wanted;
/** What was asked for, as it may stand in the audit: parts may be missing, and lists unreadable. */
type Loose<T> = { readonly [K in keyof T]?: unknown };

/** In which language something is said. */
export interface Tongue {
  t: TFunction;
  language: string;
}

/** The parts of a protection that there are something to be said of, in the order in which people ask. */
export function partsOf(wanted: Loose<Wanted>): PartName[] {
  return ['access', 'ip', 'rateLimit', ...(wanted.underAttack === true ? (['underAttack'] as const) : [])];
}

/** What a part lets who do, in sentences without an end. */
export function sayPart(tongue: Tongue, part: PartName, value: unknown): string[] {
  const { t } = tongue;
  const fields = typeof value === 'object' && value !== null ? value : undefined;
  switch (part) {
    case 'access':
      return fields ? sayAccess(tongue, fields) : [t('protection.everybody')];
    case 'ip':
      return fields ? sayIp(tongue, fields) : [t('protection.everywhere')];
    case 'rateLimit':
      return fields ? sayRate(tongue, fields) : [t('protection.unlimited')];
    case 'underAttack':
      return [t(value === true ? 'protection.attack' : 'protection.noAttack')];
  }
}

const who = ['emails', 'emailDomains', 'groups', 'serviceTokens'] as const;

function sayAccess({ t, language }: Tongue, access: Loose<NonNullable<Wanted['access']>>): string[] {
  const named = who.flatMap((field) => {
    const list = sayList(textsOf(access[field]), language);
    return list ? [t(`protection.${field}`, { list })] : [];
  });
  const hours = Number(access.sessionHours);
  return [...named, ...(hours > 0 ? [t('protection.session', { count: hours })] : [])];
}

const where = ['allow', 'block', 'blockCountries'] as const;

function sayIp({ t, language }: Tongue, ip: Loose<NonNullable<Wanted['ip']>>): string[] {
  return where.flatMap((field) => {
    const texts = textsOf(ip[field]);
    const named = field === 'blockCountries' ? texts.map((code) => sayCountry(code, { t, language })) : texts;
    const list = sayList(named, language);
    return list ? [t(`protection.${field}`, { list })] : [];
  });
}

function sayRate({ t, language }: Tongue, rate: Loose<NonNullable<Wanted['rateLimit']>>): string[] {
  const seconds = (value: unknown, usual: number) => sayDuration(1000 * (Number(value) || usual), language);
  const { requests, periodSeconds, timeoutSeconds, path = '/', action } = rate;
  return [
    t('protection.rate', { count: Number(requests) || 0, period: seconds(periodSeconds, 10) }),
    ...(path === '/' ? [] : [t('protection.ratePath', { path: String(path) })]),
    action === 'managed_challenge'
      ? t('protection.rateChallenge')
      : t('protection.rateBlock', { timeout: seconds(timeoutSeconds, 10) }),
  ];
}

const textsOf = (value: unknown) =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** "a, b or c"; nothing of nothing. */
function sayList(texts: readonly string[], language: string): string {
  return new Intl.ListFormat(language, { type: 'disjunction' }).format(texts);
}
