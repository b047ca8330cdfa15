import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Look, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal, type Who } from './support/portal.ts';

/** Where pictures of the main pages are wanted: `npm run screenshots`. */
const out = process.env.BERTH_SCREENSHOTS;

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
    await until('there are enough checks', async () => {
      const { body } = await portal.api.ask('GET', '/v1/sites/mustermann/health');
      return body.beats.length >= ENOUGH_BEATS;
    });
    mkdirSync(out ?? '', { recursive: true });
  });
  afterAll(() => portal?.close());

  test.for(pictures)('%s', async ([name, at, who, look]) => {
    const page = await portal.as(who, look);
    await page.goto(portal.url + at);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
    const file = path.join(out ?? '', `${name}.png`);
    const bytes = await page.screenshot({ path: file });
    expect(bytes.length).toBeGreaterThan(10_000);
    await page.context().close();
  });
});
