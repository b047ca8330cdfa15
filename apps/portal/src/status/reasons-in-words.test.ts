import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { domainCheck } from '@berth/contract/domain';
import { attentionReasons, waitingReasons } from '@berth/shared/domain/waiting-reasons';
import { errorCodes, reasonOf } from '@berth/shared/errors/catalogue';
import { describe, expect, test } from 'vitest';
import { de } from '../i18n/de.ts';
import { doctorTexts } from '../i18n/doctor-words.ts';
import { en } from '../i18n/en.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');
/** Those whose failures become conditions. */
const workers = ['domain-watcher', 'tunnel-worker', 'container-worker', 'health-worker'];
const codes = Object.keys(errorCodes) as (keyof typeof errorCodes)[];
/** Names of others that look like a reason: of systemd, of Cloudflare's log, of classes of errors. */
const NO_REASONS =
  /^(?:(?:Active|Load|Sub|UnitFile)State|NeedDaemonReload|(?:Cache|Client|Edge|Origin|Security)[A-Z]\w+|\w+Error)$/;

/** What is said of a condition by its reason, and a job. */
const NO_EVENTS = new Set(['condition.changed', 'host.sweep']);

const sourceOf = (...folders: string[]): string =>
  folders
    .flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /(?<!\.test)\.ts$/.test(file) && !/(?:^|\/)(?:generated|testing)\//.test(file))
        .map((file) => readFileSync(path.join(ROOT, folder, file), 'utf8')),
    )
    .join('\n');

const all = sourceOf(
  ...readdirSync(path.join(ROOT, 'services')).map((one) => `services/${one}/src`),
  'packages/shared/src',
);
const found = (pattern: RegExp): Set<string> => new Set([...all.matchAll(pattern)].map(([, one]) => one ?? ''));
const without = (texts: object, names: Iterable<string>) => {
  const has = (name: string) =>
    typeof name.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], texts) ===
    'string';
  return [...names].filter((name) => !has(name)).sort();
};

describe('what a site waits for or fails by', () => {
  test('has words in both languages', () => {
    const source = sourceOf(...workers.map((worker) => `services/${worker}/src`));
    const failures = [...codes.filter((code) => source.includes(`'${code}'`)), 'lease.lost'] as typeof codes;
    expect(failures).toContain('internal.unexpected');
    const reasons = new Set([...failures.map(reasonOf), ...attentionReasons, ...waitingReasons]);
    for (const { reason } of [en, de]) expect(without(reason, reasons)).toEqual([]);
  });
});

describe('every reason that is written anywhere', () => {
  test('has words in both languages', () => {
    const reasons = [...found(/'((?:[A-Z][a-z]+){2,})'/g)].filter((one) => !NO_REASONS.test(one));
    const short = found(/\b(?:settled|settledFor|blocked|again|gone)\((?:[\w.]+, )?'([A-Z][a-z]+)'/g);
    expect(reasons.length).toBeGreaterThan(90);
    expect(short).toContain('Healthy');
    for (const { reason } of [en, de]) expect(without(reason, [...reasons, ...short])).toEqual([]);
  });
});

describe('every event that is told anywhere', () => {
  test('has a name in both languages', () => {
    const types = new Set([
      ...found(/\btype: '([a-z]+\.[a-z-]+)'/g),
      ...found(/'((?:site|host|health|order|placement|protection|restart|retry|deploy|deletion|tunnel)\.[a-z-]+)'/g),
    ]);
    const isNoEvent = (one: string) =>
      Object.hasOwn(errorCodes, one) || Object.hasOwn(checkIds, one) || NO_EVENTS.has(one);
    const told = [...types].filter((one) => !isNoEvent(one));
    expect(told).toContain('placement.lost');
    for (const { event } of [en, de]) expect(without(event, told)).toEqual([]);
  });
});

const checkIds = Object.fromEntries([...found(/\bid: '([a-z]+\.[a-z.-]+)'/g)].map((id) => [id, true]));

describe('every check of the doctor', () => {
  const cloudflares = sourceOf('packages/cloudflare/src').matchAll(/\bid: '([a-z]+\.[a-z.-]+)'/g);
  const ids = [...Object.keys(checkIds), ...[...cloudflares].map(([, id]) => id ?? '')];

  test('has a title in both languages', () => {
    expect(ids).toContain('docker.live-restore');
    expect(ids).toContain('cloudflare.permission.dns');
    for (const { check } of Object.values(doctorTexts)) expect(without(check, ids)).toEqual([]);
  });

  test('has words in both languages for what is not well, and for what to do', () => {
    for (const { finding } of Object.values(doctorTexts)) {
      for (const part of ['what', 'fix'])
        expect(
          without(
            finding,
            ids.map((id) => `${id}.${part}`),
          ),
        ).toEqual([]);
    }
  });
});

describe('how the name servers of a domain are found', () => {
  test('has a sentence in both languages, where they are not as they should be', () => {
    const wrong = domainCheck.shape.status.options.filter((status) => status !== 'set');
    expect(wrong).toContain('partly-set');
    for (const { operator } of [en, de]) expect(without(operator.site.delegation, wrong)).toEqual([]);
  });
});

describe('what an operator does about a reason', () => {
  test('is said of reasons that there are', () => {
    for (const { advice, reason } of [en, de]) expect(without(reason, Object.keys(advice))).toEqual([]);
  });
});
