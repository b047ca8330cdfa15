import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { whyNoBrowser } from '../tests/browser/support/browser.ts';
import { openPortal, type Portal } from '../tests/browser/support/portal.ts';
import { openBenchDatabase } from './bench-database.ts';
import { type Benchmark, percentile, type Row } from './rows.ts';

/** Fetched when it's measured: with all that it brings it is twice as large as everything else that is installed. */
const LIGHTHOUSE = 'lighthouse@12.8.2';
const GOAL = 95;
const RUNS = 3;
const PATIENCE_MS = 180_000;
/** A page that follows events never falls silent: it is looked at for so long. */
const LOOK_MS = 9000;
const ERIKA = { customer: 'erika@example.org' };

const pages = [
  ['sign-in', '/sign-in', undefined],
  ['domain', '/my/radhaus/domain', ERIKA],
  ['website', '/my/mustermann/website', ERIKA],
] as const;
/** Lighthouse's own: a phone of the middle class on slow 4G, and a desktop on a cable. */
const devices = ['phone', 'desktop'] as const;
type Device = (typeof devices)[number];

interface Scores {
  performance: number;
  accessibility: number;
  /** what the performance is made of, in words */
  because: string;
}

const PARTS = [
  'first-contentful-paint',
  'largest-contentful-paint',
  'total-blocking-time',
  'cumulative-layout-shift',
  'speed-index',
] as const;

/** What Lighthouse says of the portal's pages as people see them, out of 100. */
export const portal: Benchmark = {
  name: 'portal',
  about: 'the portal’s pages by Lighthouse: performance and accessibility, out of 100',
  measure: (say) => look(devices, say),
  parts: { phone: (say) => look(['phone'], say), desktop: (say) => look(['desktop'], say) },
};

async function look(chosen: readonly Device[], say: (line: string) => void): Promise<Row[]> {
  const missing = whyNoBrowser();
  if (missing !== undefined) throw new Error(missing);
  const { url, close } = await openBenchDatabase();
  const opened = await openPortal({}, { url, drop: close });
  try {
    await prepare(opened);
    const cookie = await cookieOf(opened);
    const rows: Row[] = [];
    for (const device of chosen) {
      for (const [name, at, who] of pages) {
        const runs: Scores[] = [];
        for (let n = 0; n < RUNS; n += 1) {
          const once = () => lighthouse(opened.url + at, device, who && cookie);
          // Now and then the browser's trace begins too late, and Lighthouse itself asks to be run again.
          runs.push(await once().catch(once));
          const { performance, because } = runs.at(-1) ?? { performance: 0, because: '' };
          say(`${name} on a ${device}: ${performance} (${because})`);
        }
        rows.push(...toRows(`${name}, ${device}`, runs));
      }
    }
    return rows;
  } finally {
    await opened.close();
  }
}

async function prepare({ api, world }: Portal): Promise<void> {
  const erika = { name: 'Erika Mustermann', email: ERIKA.customer };
  await api.order({ orderId: '1001', domain: 'mustermann.de', customer: { id: 'mustermann', ...erika } });
  await api.order({ orderId: '1002', domain: 'radhaus-nord.de', customer: { id: 'radhaus', ...erika } });
  await api.untilState('mustermann', 'waiting');
  await world.simulators.cloudflare.control.activateZone('mustermann.de');
  await api.untilState('mustermann', 'online');
  await api.untilState('radhaus', 'waiting');
}

async function cookieOf(opened: Portal): Promise<string> {
  const page = await opened.as(ERIKA);
  const cookies = await page.context().cookies();
  await page.context().close();
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}

async function lighthouse(url: string, device: Device, cookie: string | undefined): Promise<Scores> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-lighthouse-'));
  try {
    const report = path.join(dir, 'report.json');
    // In a file: a command line is printed when it fails, and seen by everybody on the machine.
    const headers = path.join(dir, 'headers.json');
    if (cookie) writeFileSync(headers, JSON.stringify({ Cookie: cookie }), { mode: 0o600 });
    const options = [
      url,
      '--quiet',
      `--max-wait-for-load=${LOOK_MS}`,
      '--only-categories=performance,accessibility',
      '--output=json',
      `--output-path=${report}`,
      '--chrome-flags=--headless=new --no-sandbox',
      ...(device === 'desktop' ? ['--preset=desktop'] : []),
      ...(cookie ? [`--extra-headers=${headers}`] : []),
    ];
    await promisify(execFile)(
      'npm',
      ['exec', '--yes', '--prefer-offline', `--package=${LIGHTHOUSE}`, '--', 'lighthouse', ...options],
      {
        env: { ...process.env, CHROME_PATH: '/usr/bin/chromium' },
        timeout: PATIENCE_MS,
      },
    );
    const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'));
    const outOf100 = ({ score }: { score: number | null }) => Math.round((score ?? 0) * 100);
    return {
      performance: outOf100(categories.performance),
      accessibility: outOf100(categories.accessibility),
      because: PARTS.map((part) => `${part} ${audits[part].displayValue}`).join(', '),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function toRows(name: string, runs: readonly Scores[]): Row[] {
  const performance = percentile(
    runs.map((run) => run.performance),
    50,
  );
  const accessibility = Math.min(...runs.map((run) => run.accessibility));
  const row = (what: string, value: number): Row => ({
    name: `${name}: ${what}`,
    value,
    unit: 'points',
    goal: `>= ${GOAL}`,
    ok: value >= GOAL,
  });
  return [row(`performance, p50 of ${runs.length}`, performance), row('accessibility', accessibility)];
}
