import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ensureTrafficPartitions } from '@berth/shared/store/traffic-readings';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Look, listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal, type Who } from './support/portal.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ERIKA = { customer: 'erika@example.org' };
const ADMIN: Who = { role: 'admin' };

/** Every page, with who sees it. */
const pages: readonly (readonly [path: string, who: Who | undefined])[] = [
  ['/sign-in', undefined],
  ['/sign-in/link', undefined],
  ['/sign-in/link#sixteen-letters-and-more', undefined],
  ['/sign-in/invitation#sixteen-letters-and-more', undefined],
  ['/sign-in/address#sixteen-letters-and-more', undefined],
  ['/operators', undefined],
  ['/my/waiting/domain', ERIKA],
  ['/my/live/domain', ERIKA],
  ['/my/waiting/website', ERIKA],
  ['/my/live/website', ERIKA],
  ['/my/waiting/visitors', ERIKA],
  ['/my/live/visitors', ERIKA],
  ['/my/live/protection', ERIKA],
  ['/my/waiting/protection', ERIKA],
  ['/my/live/contact', ERIKA],
  ['/ops', ADMIN],
  ['/ops/sites', ADMIN],
  ['/ops/sites?q=nothing-like-this', ADMIN],
  ['/ops/sites/live', ADMIN],
  ['/ops/sites/waiting', ADMIN],
  ['/ops/sites/live/requests', ADMIN],
  ['/ops/sites/waiting/requests', ADMIN],
  ['/ops/sites/waiting/requests?path=nothing-like-this', ADMIN],
  ['/ops/sites/live/protection', ADMIN],
  ['/ops/sites/waiting/protection', ADMIN],
  ['/ops/orders', ADMIN],
  ['/ops/orders?q=nothing-like-this', ADMIN],
  ['/ops/hosts', ADMIN],
  ['/ops/hosts/one', ADMIN],
  ['/ops/incidents', ADMIN],
  ['/ops/deliveries', ADMIN],
  ['/ops/keys', ADMIN],
  ['/ops/users', ADMIN],
  ['/ops/audit', ADMIN],
  ['/ops/audit?actor=nothing-like-this', ADMIN],
  ['/ops/doctor', ADMIN],
  ['/second-factor', ADMIN],
  ['/nothing/like/this', ADMIN],
];

const looks: readonly Look[] = [
  { language: 'de', scheme: 'light' },
  { language: 'en', scheme: 'dark' },
  { language: 'de', scheme: 'dark', phone: true },
  { language: 'en', scheme: 'light', phone: true },
];

const RESTART = /^(?:Restart the container|Container neu starten)$/;
const SIGNED_IN = /Signed in by a link|Mit einem Link angemeldet/;
/** What opens over a page, in a dialog; buttons by their names in both languages. */
const opened: readonly (readonly [path: string, who: Who, open: (page: Page) => Promise<void>])[] = [
  ['/ops', ADMIN, (page) => page.keyboard.press('Control+k')],
  ['/ops/sites/live', ADMIN, (page) => openFirst(page, RESTART)],
  ['/ops/audit', ADMIN, (page) => openFirst(page, SIGNED_IN)],
];

let portal: Portal;

/** What axe finds wrong by WCAG 2.2 AA, with where. */
async function examine(page: Page): Promise<string[]> {
  // By the protocol, not as a script element: the page's policy wouldn't have it.
  await page.evaluate(AXE);
  const found = await page.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`);
  return found as string[];
}

const openFirst = (page: Page, name: RegExp) => page.getByRole('button', { name }).first().click();

async function settle(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await until('nothing is loading', async () => (await page.locator('.mantine-Loader-root').count()) === 0);
  await page.waitForLoadState('load');
}

describe.skipIf(whyNoBrowser())('every page', () => {
  beforeAll(async () => {
    portal = await openPortal();
    const erika = { name: 'Erika Mustermann', email: ERIKA.customer };
    await portal.api.order({ orderId: 'live', domain: 'live.de', customer: { id: 'live', ...erika } });
    await portal.api.order({ orderId: 'waiting', domain: 'waiting.de', customer: { id: 'waiting', ...erika } });
    await portal.api.untilState('live', 'waiting');
    await portal.world.simulators.cloudflare.control.activateZone('live.de');
    await portal.api.untilState('live', 'online');
    await portal.api.untilState('waiting', 'waiting');
    // One with figures: of a zone that isn't active yet, whose hours nobody else writes.
    await ensureTrafficPartitions(portal.world.db);
    await portal.world.db.pool.query(
      `with given as (insert into zone_traffic (zone_id, read_until, gives)
        select zone_id, now(), 'all' from sites where key = 'waiting' on conflict (zone_id) do update set gives = 'all')
      insert into traffic_hourly (site_id, hour, requests, bytes, cached_requests, cached_bytes, visitors, statuses, countries)
      select id, date_trunc('hour', now()), 1234, 2500000, 617, 1000, 56, '{"2xx":1234}', '{"DE":1000,"AT":234}'
      from sites where key = 'waiting'`,
    );
    // All fields of the form are there.
    const access = { emails: ['erika@example.org'] };
    const protection = '/v1/sites/waiting/protection';
    await portal.api.ask('PUT', protection, {
      headers: { 'if-match': (await portal.api.ask('GET', protection)).body.etag },
      body: { access, ip: { block: ['203.0.113.0/24'] }, rateLimit: { requests: 10 } },
    });
  });
  afterAll(() => portal?.close());

  describe.for(looks)('%o', (look) => {
    test.for(pages)('%s has nothing that WCAG 2.2 AA forbids, and complains of nothing', async ([path, who]) => {
      const page = await (who ? portal.as(who, look) : portal.stranger(look));
      const complaints = listenForComplaints(page);
      await page.goto(portal.url + path);
      await settle(page);
      expect({ found: await examine(page), complaints }).toEqual({ found: [], complaints: [] });
      // Nothing has to be scrolled sideways.
      expect(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))).toBeLessThanOrEqual(0);
      await page.context().close();
    });

    test.for(opened)('what opens over %s has nothing that WCAG 2.2 AA forbids', async ([path, who, open]) => {
      const page = await portal.as(who, look);
      const complaints = listenForComplaints(page);
      await page.goto(portal.url + path);
      await settle(page);
      await open(page);
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      await until('it has the focus', async () => (await dialog.locator(':focus').count()) > 0);
      expect({ found: await examine(page), complaints }).toEqual({ found: [], complaints: [] });
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await page.context().close();
    });
  });
});
