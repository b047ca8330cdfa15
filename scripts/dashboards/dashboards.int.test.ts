import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLog } from '@berth/shared/runtime/log';
import { serveMetrics } from '@berth/shared/runtime/serve-metrics';
import { describe, expect, test } from 'vitest';
import { startTestApi } from '../../services/api/src/testing/test-api.ts';
import { onPath } from '../../tests/real/engine/own-namespaces.ts';
import { dashboardFile, dashboardTexts } from './write-dashboards.ts';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const rules = root('deploy/prometheus/berth.rules.yml');
const run = promisify(execFile);

/** What follows a metric's name in a histogram. */
const PARTS = /_(?:bucket|count|sum)$/;

describe('dashboards and alerts', () => {
  test('are what their source says (npm run docs)', () => {
    for (const [uid, text] of dashboardTexts()) expect(readFileSync(dashboardFile(uid), 'utf8'), uid).toBe(text);
  });

  test('ask only for metrics that a process has', async () => {
    const api = await startTestApi();
    const { metrics, db } = api.context;
    const served = await serveMetrics({ address: { host: '127.0.0.1', port: 0 }, metrics, db, log: silentLog });
    const text = await (await fetch(`${served.url}/metrics`)).text();
    await served.drain(0);
    await api.close();
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const asked = [...dashboardTexts().values(), readFileSync(rules, 'utf8')].join('\n');
    for (const [name] of asked.matchAll(/\b(?:berth|nodejs|process)_[a-z0-9_]+/g)) {
      expect(known, name).toContain(known.has(name) ? name : name.replace(PARTS, ''));
    }
  });

  test('have one runbook for each alert, and none without', () => {
    const alerts = [...readFileSync(rules, 'utf8').matchAll(/alert: (\S+)\n[\s\S]*?runbook_url: (\S+)/g)];
    expect(alerts.length).toBeGreaterThan(10);
    for (const [, alert, url] of alerts) expect(url).toBe(`docs/runbooks/${alert}.md`);
    expect(readdirSync(root('docs/runbooks')).sort()).toEqual(alerts.map(([, alert]) => `${alert}.md`).sort());
  });

  test.skipIf(!onPath('promtool'))('fire when they should, and only then', async () => {
    await run('promtool', ['check', 'rules', rules]);
    await run('promtool', ['test', 'rules', root('deploy/prometheus/berth.rules.test.yml')]);
  });
});
