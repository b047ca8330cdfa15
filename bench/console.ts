import { randomBytes } from 'node:crypto';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault } from '@berth/shared/runtime/vault';
import { createApiKey } from '@berth/shared/store/api-keys';
import { whyNoBrowser } from '../tests/browser/support/browser.ts';
import { makeSites } from '../tests/support/many-sites.ts';
import { openBenchDatabase } from './bench-database.ts';
import { startBenchProcess } from './bench-process.ts';
import { scrollSites } from './console/scroll-sites.ts';
import { type Benchmark, percentile, type Row } from './rows.ts';

const SITES = 10_000;
/** What all of them is compared with: the same questions while there are so few sites. */
const FEW = 100;
const TIMES = 200;
const GOAL_MS = 200;
/** A frame that takes longer is seen. */
const LONGEST_TASK_MS = 100;

const questions = [
  ['first page', 'sites?limit=100'],
  ['search for a part of a domain', 'sites?limit=100&q=shop-c4ca'],
  ['search that finds nothing', 'sites?limit=100&q=nothing-like-this'],
  ['search by two words', 'sites?limit=100&q=c77+example.org'],
  ['state online', 'sites?limit=100&state=online'],
  ['state waiting', 'sites?limit=100&state=waiting'],
  ['state degraded', 'sites?limit=100&state=degraded'],
  ['state queued, of which there is none', 'sites?limit=100&state=queued'],
  ['orders by an order', 'orders?limit=50&q=order-9999'],
] as const;

/** The console over ten thousand sites: what its lists and searches take at the API, and whether its list can be scrolled. */
export const console: Benchmark = {
  name: 'console',
  about: `lists and searches of ${SITES} sites at the API, beside the same of ${FEW}, and scrolling through all of them in a browser`,
  async measure(say) {
    const bench = await openBenchDatabase(4);
    const secretsKey = randomBytes(32).toString('base64');
    const license = makeVault(new Secret(secretsKey)).encrypt('license');
    const { key, prefix, hash } = makeApiKey(systemChance);
    await createApiKey(bench.db, { name: 'bench', prefix, hash, scopes: ['sites:read'], expiresAt: null });
    const settings = { DATABASE_URL: bench.url, BERTH_SECRETS_KEY: secretsKey, API_PORT: '0' };
    const api = await startBenchProcess('services/api/src/main.ts', settings, (line) =>
      line.includes('API listens') ? JSON.parse(line).url : undefined,
    );
    try {
      const ask = async (path: string) => {
        const response = await fetch(`${api.ready}/v1/${path}`, { headers: { authorization: `Bearer ${key}` } });
        if (!response.ok)
          throw new Error(`${path}: ${response.status} ${await response.text()}\n${api.said().join('\n')}`);
        return (await response.json()) as { nextCursor: string | null };
      };
      const rows: Row[] = [];
      await makeSites(bench.db, [1, FEW], license);
      const few = new Map<string, number[]>();
      for (const [name, path] of questions) {
        say(`${name}, of ${FEW} sites`);
        few.set(name, await timesOf(() => ask(path)));
      }
      say(`making ${SITES} sites`);
      await makeSites(bench.db, [FEW + 1, SITES], license);
      for (const [name, path] of questions) {
        say(name);
        rows.push(...toRows(name, await timesOf(() => ask(path)), few.get(name)));
      }
      say('all pages, one after the other');
      const pages: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const from = performance.now();
        cursor = (await ask(`sites?limit=100${cursor && `&cursor=${cursor}`}`)).nextCursor;
        pages.push(performance.now() - from);
      }
      rows.push(...toRows(`each of ${pages.length} pages`, pages));
      const missing = whyNoBrowser();
      if (missing) say(`no scrolling: ${missing}`);
      else rows.push(...(await scrolled(bench.db, api.ready, say)));
      return rows;
    } finally {
      await api.stop();
      await bench.close();
    }
  },
};

async function timesOf(ask: () => Promise<unknown>): Promise<number[]> {
  for (let n = 0; n < 10; n += 1) await ask();
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const from = performance.now();
    await ask();
    times.push(performance.now() - from);
  }
  return times;
}

function toRows(name: string, times: readonly number[], few?: readonly number[]): Row[] {
  return [50, 99].map((percent) => {
    const value = percentile(times, percent);
    const isGoal = percent === 99;
    const baseline = few && percentile(few, percent);
    return {
      name: `${name}, p${percent}`,
      value,
      unit: 'ms',
      ...(baseline !== undefined && { baseline, ratio: value / baseline }),
      ...(isGoal && { goal: `within ${GOAL_MS} ms` }),
      ok: !isGoal || value <= GOAL_MS,
    };
  });
}

async function scrolled(
  db: Parameters<typeof scrollSites>[0],
  url: string,
  say: (line: string) => void,
): Promise<Row[]> {
  say('scrolling through all of them');
  const { rows, inPage, longTasks, longestMs, seconds } = await scrollSites(db, url, SITES);
  say(`in ${Math.round(seconds)} s`);
  return [
    { name: 'rows scrolled through', value: rows, unit: 'rows', goal: `${SITES}`, ok: rows === SITES },
    { name: 'rows in the page at the end', value: inPage, unit: 'rows', goal: 'at most 100', ok: inPage <= 100 },
    { name: 'long tasks (over 50 ms) meanwhile', value: longTasks, unit: 'tasks', ok: true },
    {
      name: 'the longest of them',
      value: longestMs,
      unit: 'ms',
      goal: `within ${LONGEST_TASK_MS} ms`,
      ok: longestMs <= LONGEST_TASK_MS,
    },
  ];
}
