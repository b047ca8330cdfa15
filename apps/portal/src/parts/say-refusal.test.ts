import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Route, routes } from '@berth/contract/routes';
import { errorCodes } from '@berth/shared/errors/catalogue';
import i18next from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import { Refused } from '../api/ask.ts';
import { de } from '../i18n/de.ts';
import { en } from '../i18n/en.ts';
import { sayRefusal } from './say-refusal.ts';

const PROBLEMS = path.join(import.meta.dirname, '../../../../services/api/src/http/problems.ts');
/** Answered by any route, whatever it does. */
const ALWAYS = [400, 401, 403, 404, 405, 413, 415];
/** Of what the portal has no page for, or says in other words. */
const OPERATORS = [
  'idempotency.key-required',
  'idempotency.key-reused',
  'idempotency.in-flight',
  'order.conflict',
  'domain.in-use',
  'domain.reserved',
  'domain.mismatch',
  'webhook.not-found',
  'webhook.address-not-allowed',
  'port.out-of-range',
  'port.taken',
  'port.mismatch',
  'license.required',
  'tunnel.not-found',
  'access.quota-reached',
  'protection.impossible',
  'registry.not-found',
  'image.not-allowed',
];

const statuses = new Map(
  [...readFileSync(PROBLEMS, 'utf8').matchAll(/'([\w.-]+)': (\d{3}),/g)].map(([, code = '', status]) => [
    code,
    Number(status),
  ]),
);

beforeAll(async () => {
  await i18next.init({ lng: 'en', resources: { en: { translation: en }, de: { translation: de } } });
});

const ENGLISH = 'what the API says';
function say(language: 'de' | 'en', code: string, retryAfterS?: number): string {
  const problem = { type: '', title: '', detail: ENGLISH, code, requestId: 'r-1', status: statuses.get(code) ?? 0 };
  const i18n = { language, exists: (key: string) => i18next.exists(key, { lng: language }) };
  return sayRefusal({ t: i18next.getFixedT(language), i18n }, new Refused(problem, retryAfterS));
}

describe('a refusal', () => {
  test('has words of the page for every code of the routes that customers may call', () => {
    expect([...statuses.keys()].sort()).toEqual(Object.keys(errorCodes).sort());
    const called = (Object.values(routes) as Route[]).filter(({ customers }) => customers !== 'nothing');
    const answered = new Set([...ALWAYS, ...called.flatMap(({ errors = [] }) => errors)]);
    const refusals = [...statuses].filter(([, status]) => answered.has(status)).map(([code]) => code);
    const failures = ['database.unreachable', 'internal.unexpected'];
    const met = [...refusals, ...failures].filter((code) => !OPERATORS.includes(code));
    expect(met).toContain('restart.too-often');
    for (const language of ['de', 'en'] as const)
      expect(met.filter((code) => say(language, code).includes(ENGLISH))).toEqual([]);
    expect(met.filter((code) => say('de', code) === say('en', code))).toEqual([]);
  });

  test('says how long to wait where that is known', () => {
    expect(say('de', 'restart.too-often', 120)).toContain('Bitte warten Sie 2 Min');
    expect(say('de', 'restart.too-often')).toContain('Drei Neustarts in zehn Minuten');
  });

  test('names what the log is searched by, where nobody knows why', () => {
    for (const language of ['de', 'en'] as const) expect(say(language, 'internal.unexpected')).toContain('r-1');
  });

  test('is said as the API says it where operators alone meet it', () => {
    expect(say('de', 'port.taken')).toBe(ENGLISH);
  });
});
