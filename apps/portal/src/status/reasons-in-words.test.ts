import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { attentionReasons, waitingReasons } from '@berth/shared/domain/waiting-reasons';
import { errorCodes, reasonOf } from '@berth/shared/errors/catalogue';
import { describe, expect, test } from 'vitest';
import { de } from '../i18n/de.ts';
import { en } from '../i18n/en.ts';

const SERVICES = path.join(import.meta.dirname, '../../../../services');
/** Those whose failures become conditions. */
const workers = ['domain-watcher', 'tunnel-worker', 'container-worker', 'health-worker'];
const codes = Object.keys(errorCodes) as (keyof typeof errorCodes)[];

function sourceOf(worker: string): string {
  const folder = path.join(SERVICES, worker, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n');
}

describe('what a site waits for or fails by', () => {
  test('has words in both languages', () => {
    const source = workers.map(sourceOf).join('\n');
    const failures = [...codes.filter((code) => source.includes(`'${code}'`)), 'lease.lost'] as typeof codes;
    expect(failures).toContain('internal.unexpected');
    const reasons = new Set([...failures.map(reasonOf), ...attentionReasons, ...waitingReasons]);
    for (const { reason } of [en, de])
      expect([...reasons].filter((one) => !Object.hasOwn(reason, one)).sort()).toEqual([]);
  });
});
