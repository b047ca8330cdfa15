import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

const ERIKA = { customer: 'erika@example.org' };
const PATH = '/v1/sites/shop/protection';

/** Where pictures are wanted, to be looked at. */
const out = process.env.BERTH_SCREENSHOTS;

let portal: Portal;

const conditions = async (): Promise<{ aspect: string; reason: string }[]> =>
  (await portal.api.ask('GET', '/v1/sites/shop')).body.conditions;
const reasonOf = async (aspect: string) => (await conditions()).find((one) => one.aspect === aspect)?.reason;
/** What is looked at within the hour. */
async function lookNow(): Promise<void> {
  await portal.world.db.pool.query(`update zones set checked_at = now() - interval '1 day'`);
  await portal.world.db.pool.query(
    'update site_conditions set due_at = now(), wakes = wakes + 1 where gone_at is null',
  );
}

describe.skipIf(whyNoBrowser())('a site whose zone has left the account', () => {
  beforeAll(async () => {
    portal = await openPortal();
    const erika = { id: 'shop', name: 'Erika Mustermann', email: ERIKA.customer };
    await portal.api.order({ orderId: 'A-1', domain: 'shop.de', customer: erika });
    await portal.api.untilState('shop', 'waiting');
    await portal.world.simulators.cloudflare.control.activateZone('shop.de');
    await portal.api.untilState('shop', 'online');
    const { body } = await portal.api.ask('GET', PATH);
    const ip = { block: ['203.0.113.0/24'] };
    await portal.api.ask('PUT', PATH, { body: { ip }, headers: { 'if-match': body.etag } });
    await until('it is in force', async () => (await portal.api.ask('GET', PATH)).body.inForce);
    await portal.world.simulators.cloudflare.control.setZoneStatus('shop.de', 'deleted');
    await lookNow();
    await until('the zone is missed', async () => (await reasonOf('zone')) === 'ZoneDeleted');
    await until('its rules are missed', async () => (await reasonOf('policy')) === 'ZoneLeft');
  });
  afterAll(() => portal?.close());

  test.each([
    ['en', 'Somebody deleted the zone at Cloudflare, or moved it to another account, while its website stays.'],
    [
      'de',
      'Jemand hat die Zone bei Cloudflare gelöscht oder in ein anderes Konto verschoben, und die Website ist noch da.',
    ],
  ] as const)('tells an operator why, and what to do (%s)', async (language, words) => {
    const page = await portal.as({ role: 'operator' }, { language });
    await page.goto(`${portal.url}/ops/sites/shop`);
    await page.getByRole('region', { name: language === 'de' ? 'Schritte' : 'Steps' }).waitFor();
    if (out) await page.screenshot({ path: `${out}/zone-left-${language}.png`, fullPage: true });
    await page.getByText(words).first().waitFor();
    expect(await page.getByText(/9109|HTTP 403/).count()).toBe(0);
    await page.context().close();
  });

  test.each([
    ['en', 'Your domain is no longer in our account at Cloudflare'],
    ['de', 'Ihre Domain ist nicht mehr in unserem Konto bei Cloudflare'],
  ] as const)('tells its customer so (%s)', async (language, words) => {
    const page = await portal.as(ERIKA, { language });
    await page.goto(`${portal.url}/my/shop/website`);
    await page.getByText(words).waitFor();
    expect(await page.getByText(/9109|HTTP 403/).count()).toBe(0);
    await page.context().close();
  });
});
