import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemChance } from '@berth/shared/runtime/chance';
import { makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import type { Database } from '@berth/shared/store/database';
import { createUser } from '@berth/shared/store/users';
import { openBrowser, openContext } from '../../tests/browser/support/browser.ts';

export interface Scrolled {
  rows: number;
  /** rows that are in the page at its end */
  inPage: number;
  longTasks: number;
  longestMs: number;
  seconds: number;
}

const VALID_MS = 600_000;
const PATIENCE_MS = 120_000;

/** Scrolls the console's list from its first to its last row, and counts what kept the page from drawing for longer than 50 ms (Long Tasks). */
export async function scrollSites(db: Database, url: string, count: number): Promise<Scrolled> {
  await promisify(execFile)(process.execPath, ['scripts/portal.mjs']);
  const email = 'viewer@example.org';
  await createUser(db, { email, name: 'Viewer', role: 'viewer', language: 'en' });
  const link = await makeSignInLink({ db, chance: systemChance, publicUrl: url }, { email, validMs: VALID_MS });
  const browser = await openBrowser();
  try {
    const page = await (await openContext(browser)).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(link.url);
    await page.getByRole('button', { name: 'Sign in now' }).click();
    await page.waitForURL(/\/ops/);
    await page.goto(`${url}/ops/sites`);
    await page.getByRole('row').nth(3).waitFor();
    const found = await page.evaluate(`(async () => {
      const long = [];
      new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration))).observe({ type: 'longtask' });
      const from = performance.now();
      const rows = () => Number(document.querySelector('table').getAttribute('aria-rowcount')) - 1;
      const atEnd = () => rows() >= ${count} && scrollY + innerHeight >= document.documentElement.scrollHeight - 4;
      while (!atEnd()) {
        scrollBy(0, 600);
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (performance.now() - from > ${PATIENCE_MS}) break;
      }
      return { rows: rows(), inPage: document.querySelectorAll('tbody tr').length, longTasks: long.length, longestMs: Math.max(0, ...long),
        seconds: (performance.now() - from) / 1000 };
    })()`);
    return found as Scrolled;
  } finally {
    await browser.close();
  }
}
