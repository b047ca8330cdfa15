import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Look, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal, type Who } from './support/portal.ts';

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
  ...['domain', 'website', 'visitors', 'contact'].map((name) => [`/my/mustermann/${name}`, ERIKA] as const),
  ['/my/radhaus/domain', ERIKA],
  ['/my/radhaus/website', ERIKA],
  ...['', '/sites', '/sites/mustermann', '/sites/blumen-lehmann', '/sites/mustermann/requests'].map(
    (at) => [`/ops${at}`, ADMIN] as const,
  ),
  ...['orders', 'hosts', 'incidents', 'deliveries', 'keys', 'users', 'audit', 'doctor'].map(
    (name) => [`/ops/${name}`, ADMIN] as const,
  ),
  ['/ops/orders?q=nothing-like-this', ADMIN],
];
const looks: readonly (readonly [name: string, look: Look])[] = [
  ['desktop-en', { language: 'en' }],
  ['phone-de', { language: 'de', phone: true }],
  ['desktop-de-dark', { language: 'de', scheme: 'dark' }],
];

let portal: Portal;

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
        customer: { id: domain.split('.')[0] ?? '' },
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
    await until('there are enough checks', async () => {
      const { body } = await portal.api.ask('GET', '/v1/sites/mustermann/health');
      return body.beats.length >= ENOUGH_BEATS;
    });
    mkdirSync(path.join(out ?? '', 'pages'), { recursive: true });
  });
  afterAll(() => portal?.close());

  async function take(file: string, at: string, who: Who | undefined, look: Look, fullPage: boolean): Promise<number> {
    const page = who ? await portal.as(who, look) : await portal.stranger(look);
    await page.goto(portal.url + at);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
    const bytes = await page.screenshot({ path: path.join(out ?? '', file), fullPage });
    await page.context().close();
    return bytes.length;
  }

  test.for(pictures)('%s', async ([name, at, who, look]) => {
    expect(await take(`${name}.png`, at, who, look, false)).toBeGreaterThan(10_000);
  });

  test.skipIf(!wantsAll).for(everyPage)('every look of %s', async ([at, who]) => {
    const name = at.replaceAll(/[^a-z-]+/g, '_').slice(1) || 'start';
    for (const [look, of] of looks) {
      expect(await take(`pages/${name}.${look}.png`, at, who, of, true)).toBeGreaterThan(5_000);
    }
  });
});
