import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Look, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal, type Who } from './support/portal.ts';
import { type State, statesToSee } from './support/states-to-see.ts';

/** Where pictures of the main pages are wanted: `npm run screenshots`. */
const out = process.env.BERTH_SCREENSHOTS;
/** Every page too, in each look, to be looked at: into `pages` beside those. */
const wantsAll = process.env.BERTH_SCREENSHOTS_OF === 'all';

const ERIKA: Who = { customer: 'erika@example.org' };
const ADMIN: Who = { role: 'admin' };
const SHOPS = ['blumen-lehmann.de', 'cafe-am-markt.de', 'tischlerei-vogt.de', 'yoga-nord.com', 'praxis-hansen.de'];
const ENOUGH_BEATS = 24;

const pictures: readonly (readonly [name: string, path: string, who: Who, look: Look])[] = [
  ['customer-domain', '/my/radhaus/domain', ERIKA, { language: 'de', phone: true }],
  ['customer-website', '/my/mustermann/website', ERIKA, { language: 'de' }],
  ['operator-home', '/ops', ADMIN, { language: 'en' }],
  ['operator-sites', '/ops/sites', ADMIN, { language: 'en', scheme: 'dark' }],
  ['operator-site', '/ops/sites/mustermann', ADMIN, { language: 'en' }],
];

const everyPage: readonly (readonly [path: string, who: Who | undefined])[] = [
  ['/sign-in', undefined],
  ['/operators', undefined],
  ...['domain', 'website', 'visitors', 'protection', 'contact'].map(
    (name) => [`/my/mustermann/${name}`, ERIKA] as const,
  ),
  ...['domain', 'website', 'visitors', 'protection'].map((name) => [`/my/radhaus/${name}`, ERIKA] as const),
  ...['', '/sites', '/sites/mustermann', '/sites/blumen-lehmann', '/sites/radhaus'].map(
    (at) => [`/ops${at}`, ADMIN] as const,
  ),
  ...['requests', 'protection'].map((name) => [`/ops/sites/mustermann/${name}`, ADMIN] as const),
  ...['requests', 'protection'].map((name) => [`/ops/sites/radhaus/${name}`, ADMIN] as const),
  ...['orders', 'hosts', 'hosts/one', 'incidents', 'deliveries', 'keys', 'users', 'audit', 'doctor'].map(
    (name) => [`/ops/${name}`, ADMIN] as const,
  ),
  ['/ops/orders?q=nothing-like-this', ADMIN],
];
const looks: readonly (readonly [name: string, look: Look])[] = [
  ['desktop-en', { language: 'en' }],
  ['phone-de', { language: 'de', phone: true }],
  ['desktop-de-dark', { language: 'de', scheme: 'dark' }],
];

/** A phone that shows both name servers at once. */
const makeTall = (page: Page) => page.setViewportSize({ width: 390, height: 1040 });

let portal: Portal;

/** Streams stay open, so no network is ever idle: looks until nothing is loading, and a moment more. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await page.waitForTimeout(500);
  const loader = page.locator('.mantine-Loader-root').first();
  await loader.waitFor({ state: 'detached', timeout: 5000 }).catch(() => undefined);
}

describe.skipIf(!out || whyNoBrowser())('pictures for the documentation', () => {
  beforeAll(async () => {
    portal = await openPortal();
    const { activateZone } = portal.world.simulators.cloudflare.control;
    const erika = { name: 'Erika Mustermann', email: 'erika@example.org' };
    await portal.api.order({ orderId: '1001', domain: 'mustermann.de', customer: { id: 'mustermann', ...erika } });
    await portal.api.order({ orderId: '1002', domain: 'radhaus-nord.de', customer: { id: 'radhaus', ...erika } });
    for (const [index, domain] of SHOPS.entries()) {
      const broken = index === 0 ? { image: 'berth-demo/missing:1' } : {};
      await portal.api.order({
        orderId: `${1003 + index}`,
        domain,
        customer: { id: domain.split('.')[0] ?? '', name: 'Otto Beispiel', email: `post@${domain}` },
        ...broken,
      });
    }
    await portal.api.untilState('mustermann', 'waiting');
    await portal.api.untilState('praxis-hansen', 'waiting');
    await activateZone('mustermann.de');
    for (const domain of SHOPS.slice(0, 4)) await activateZone(domain);
    await portal.api.untilState('yoga-nord', 'online');
    await portal.api.untilState('mustermann', 'online');
    for (const role of ['viewer', 'operator'] as const) await portal.linkFor({ role });
    await portal.api.ask('POST', '/v1/sites/mustermann/restarts', { body: { target: 'container' } });
    await portal.api.ask('POST', '/v1/sites/blumen-lehmann/conditions/container/retries', { body: {} });
    await portal.api.untilState('mustermann', 'online');
    const access = { emails: ['erika@example.org'], emailDomains: ['mustermann.de'] };
    const protection = '/v1/sites/mustermann/protection';
    await portal.api.ask('PUT', protection, {
      headers: { 'if-match': (await portal.api.ask('GET', protection)).body.etag },
      body: { access, ip: { block: ['203.0.113.0/24', '2001:db8::/32'] }, rateLimit: { requests: 100 } },
    });
    await until('there are enough checks', async () => {
      const { body } = await portal.api.ask('GET', '/v1/sites/mustermann/health');
      return body.beats.length >= ENOUGH_BEATS;
    });
    mkdirSync(path.join(out ?? '', 'pages'), { recursive: true });
  });
  afterAll(() => portal?.close());

  async function take(file: string, state: Omit<State, 'name'>, look: Look, fullPage: boolean): Promise<number> {
    const { path: at, who, before, after } = state;
    const page = who ? await portal.as(who, look) : await portal.stranger(look);
    await before?.(page);
    await page.goto(portal.url + at);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await settle(page);
    if (after) await after(page);
    await settle(page);
    const bytes = await page.screenshot({ path: path.join(out ?? '', file), fullPage });
    await page.context().close();
    return bytes.length;
  }

  test.for(pictures)('%s', async ([name, at, who, look]) => {
    expect(
      await take(`${name}.png`, { path: at, who, ...(look.phone && { before: makeTall }) }, look, false),
    ).toBeGreaterThan(10_000);
  });

  test.skipIf(!wantsAll).for(everyPage)('every look of %s', async ([at, who]) => {
    const name = at.replaceAll(/[^a-z-]+/g, '_').slice(1) || 'start';
    await Promise.all(looks.map(([look, of]) => take(`pages/${name}.${look}.png`, { path: at, who }, of, true)));
  });

  test.skipIf(!wantsAll).for(statesToSee)('every look of $name', async (state) => {
    // Signed in once, before all looks at a time.
    if (state.who) await (await portal.as(state.who)).context().close();
    await Promise.all(looks.map(([look, of]) => take(`pages/state-${state.name}.${look}.png`, state, of, true)));
  });
});
