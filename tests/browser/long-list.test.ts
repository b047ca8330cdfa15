import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSites } from '../support/many-sites.ts';
import { until } from '../support/until.ts';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

const SITES = 350;
/** What is seen of it, and a dozen rows on either side. */
const MOST_IN_PAGE = 60;

let portal: Portal;

describe.skipIf(whyNoBrowser())('a long list of sites', () => {
  beforeAll(async () => {
    portal = await openPortal();
    await makeSites(portal.world.db, [1, SITES], 'sealed');
  });
  afterAll(() => portal?.close());

  test('is read as it is scrolled through, with those rows in the page that are seen', async () => {
    const page = await portal.as({ role: 'viewer' });
    const complaints = listenForComplaints(page);
    await page.goto(`${portal.url}/ops/sites`);
    await page.getByText('100 sites +').waitFor();
    await page.locator('tr[aria-rowindex="2"]').waitFor();
    expect(await page.locator('tbody tr').count()).toBeLessThan(MOST_IN_PAGE);
    const last = page.locator(`tr[aria-rowindex="${SITES + 1}"]`);
    await until('the last row is seen', async () => {
      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
      return (await last.count()) > 0;
    });
    await page.getByText(`${SITES} sites`, { exact: true }).waitFor();
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(SITES + 1));
    expect(await page.locator('tr[aria-rowindex="2"]').count()).toBe(0);
    expect(await page.locator('tbody tr').count()).toBeLessThan(MOST_IN_PAGE);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
