import { writeChecks } from '@berth/shared/store/service-checks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

/** As long as those of Cloudflare are. */
const ACCOUNT = '0123456789abcdef0123456789abcdef';
const ADMIN = { role: 'admin' } as const;
/** Where pictures are wanted, to be looked at. */
const out = process.env.BERTH_SCREENSHOTS;

let portal: Portal;

describe.skipIf(whyNoBrowser())('the page of the doctor', () => {
  beforeAll(async () => {
    portal = await openPortal();
    await until('the doctor has looked', async () => {
      const { body } = await portal.api.ask('GET', '/v1/doctor');
      return body.groups?.some(({ scope }: { scope: string }) => scope === 'cloudflare');
    });
    const off = {
      id: 'docker.live-restore',
      title: 'Containers outlive a restart of Docker',
      status: 'fail' as const,
      detail: 'live-restore is off: each restart of Docker takes all sites of this host down',
      fix: 'set "live-restore": true in /etc/docker/daemon.json, then systemctl reload docker',
    };
    const by = { scope: 'cloudflare', subject: ACCOUNT, service: 'domain-watcher' } as const;
    await writeChecks(portal.world.db, by, [off], 86_400);
  });
  afterAll(() => portal?.close());

  test('says in German what is wrong and what to do, and how the API says it', async () => {
    const page = await portal.as(ADMIN, { language: 'de' });
    await page.goto(`${portal.url}/ops/doctor`);
    await page
      .getByText('live-restore ist aus: Jeder Neustart von Docker nimmt alle Websites dieses Hosts mit.')
      .waitFor();
    await page.getByText('Setzen Sie "live-restore": true in /etc/docker/daemon.json').waitFor();
    await page.locator('[lang=en]').getByText('live-restore is off').waitFor();
    await page.getByText('In Ordnung').first().waitFor();
    await page.context().close();
  });

  test.each([360, 390])('fits on a phone of %i px, with the whole id of the account', async (width) => {
    const page = await portal.as(ADMIN, { language: 'de', phone: true });
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`${portal.url}/ops/doctor`);
    const title = page.getByRole('heading', { name: new RegExp(ACCOUNT) });
    await title.waitFor();
    if (out) await page.screenshot({ path: `${out}/doctor-${width}.png`, fullPage: true });
    const wide = await page.evaluate<string[]>(`[...document.querySelectorAll('main *')]
      .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
      .map((one) => one.tagName + ' ' + one.textContent.slice(0, 40))`);
    expect(wide).toEqual([]);
    const lines = await title.evaluate((heading, id) => {
      const range = heading.ownerDocument.createRange();
      const text = [...heading.querySelectorAll('*'), heading]
        .flatMap((one) => [...one.childNodes])
        .find((node) => node.nodeType === 3 && node.textContent?.includes(id));
      if (!text) return 0;
      const at = text.textContent?.indexOf(id) ?? 0;
      range.setStart(text, at);
      range.setEnd(text, at + id.length);
      return range.getClientRects().length;
    }, ACCOUNT);
    expect(lines, 'the id is read in one piece').toBe(1);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.context().close();
  });
});
