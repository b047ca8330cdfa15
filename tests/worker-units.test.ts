import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyNoSystemdAnalyze } from './support/systemd-analyze.ts';

const DIR = 'deploy/systemd';
const units = readdirSync(DIR).filter((file) => file.endsWith('.service'));
const isInstalled = whyNoSystemdAnalyze() === undefined;

describe('the units of a host without containers around its workers', () => {
  test.skipIf(!isInstalled).for(units)('%s: systemd finds nothing to complain of', (unit) => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', path.join(DIR, unit)], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test.skipIf(!isInstalled).for(units)('%s: is exposed to 2 of 10 at most', (unit) => {
    const args = ['security', '--offline=yes', '--threshold=20', path.join(DIR, unit)];
    expect(execFileSync('systemd-analyze', args, { encoding: 'utf8' })).toContain('OK');
  });

  test.for(units)("%s: gets its secrets as credentials, and no account's token", (unit) => {
    const text = readFileSync(path.join(DIR, unit), 'utf8');
    const credentials = [...text.matchAll(/^LoadCredential=([\w-]+):/gm)].map(([, name]) => name);
    expect(credentials).toEqual(['database-url', 'redis-url', 'berth-secrets-key']);
    for (const name of credentials) expect(text).toContain(`_FILE=%d/${name}`);
    expect(text).not.toContain('CF_API_TOKEN');
  });
});
