import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

const VIEWER = { role: 'viewer' } as const;
/** Where pictures are wanted, to be looked at. */
const out = process.env.BERTH_SCREENSHOTS;

let portal: Portal;

describe.skipIf(whyNoBrowser())('the page of requests', () => {
  beforeAll(async () => {
    portal = await openPortal({ REQUEST_LOG_SECONDS: '3' });
    const { control } = portal.world.simulators.cloudflare;
    await portal.api.order({ orderId: 'A-1', domain: 'shop.de', customer: { id: 'shop' } });
    await portal.api.order({ orderId: 'A-2', domain: 'müller-läden.de', customer: { id: 'slow' } });
    await portal.api.untilState('shop', 'waiting');
    await portal.api.untilState('slow', 'waiting');
    await control.activateZone('shop.de');
    await portal.api.untilState('shop', 'online');
    const visit = { at: new Date().toISOString(), bytes: 1000, address: '192.0.2.77', country: 'DE' };
    await control.addVisit('shop.de', { ...visit, path: '/prices', status: 200 });
    await control.addVisit('shop.de', {
      ...visit,
      path: '/missing',
      status: 404,
      country: 'XX',
      address: '2001:db8:1:2::3',
    });
  });
  afterAll(() => portal?.close());

  test('shows what visitors asked for with their addresses shortened, and finds by status', async () => {
    const page = await portal.as(VIEWER, { language: 'en' });
    const complaints = listenForComplaints(page);
    await page.goto(`${portal.url}/ops/sites/shop`);
    await page.getByRole('link', { name: 'Requests' }).click();
    await page.getByText('/prices', { exact: true }).waitFor();
    await page.getByText('192.0.2.0/24').waitFor();
    expect(await page.content()).not.toContain('192.0.2.77');
    if (out) await page.screenshot({ path: `${out}/requests-en.png`, fullPage: true });
    await page.getByLabel('Status').fill('404');
    await page.getByText('/prices', { exact: true }).waitFor({ state: 'detached' });
    await page.getByText('/missing', { exact: true }).waitFor();
    await page.getByText('2001:db8:1::/48').waitFor();
    await page.getByText('unknown', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('status')).toContain('404');
    await page.reload();
    await page.getByText('/missing', { exact: true }).waitFor();
    expect(await page.getByLabel('Status').inputValue()).toBe('404');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('says what a filter must look like, and lets filters be cleared', async () => {
    const page = await portal.as(VIEWER, { language: 'en' });
    await page.goto(`${portal.url}/ops/sites/shop/requests?path=nothing-like-this`);
    await page.getByText('Nothing fits these filters').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('/prices', { exact: true }).waitFor();
    await page.getByLabel('Address').fill('here');
    await page.getByRole('alert').getByText('One of the filters').waitFor();
    await page.context().close();
  });

  test('asks by the clock of the device, as the list shows it, and keeps it in the address', async () => {
    const page = await portal.as(VIEWER, { language: 'en' });
    await page.goto(`${portal.url}/ops/sites/shop/requests`);
    await page.getByText('/prices', { exact: true }).waitFor();
    await page.getByLabel('Before').fill('2020-01-15T12:00');
    await page.getByText('Nothing fits these filters').waitFor();
    expect(new URL(page.url()).searchParams.get('to')).toContain('2020-01-15T11:00:00.000Z');
    await page.reload();
    await page.getByText('Nothing fits these filters').waitFor();
    expect(await page.getByLabel('Before').inputValue()).toBe('2020-01-15T12:00');
    await page.context().close();
  });

  test('does not blame a filter for what it has no part in', async () => {
    const page = await portal.as(VIEWER, { language: 'en' });
    const json = { title: '', status: 503, detail: '', code: 'database.unreachable', requestId: 'r-1' };
    await page.route('**/v1/sites/shop/requests?**', (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', json }),
    );
    await page.goto(`${portal.url}/ops/sites/shop/requests?path=prices`);
    await page.getByText('Something does not work on our side').waitFor();
    expect(await page.getByText('One of the filters').count()).toBe(0);
    await page.context().close();
  });

  test('says in German, too, where requests come from while there are none', async () => {
    const page = await portal.as(VIEWER, { language: 'de', phone: true });
    await page.goto(`${portal.url}/ops/sites/slow/requests`);
    await page.getByRole('heading', { name: 'Anfragen an müller-läden.de', level: 1 }).waitFor();
    await expect.poll(() => page.title(), { timeout: 30_000 }).toContain('müller-läden.de');
    await page.getByText('Noch keine Anfragen').waitFor();
    await page.getByText('Cloudflare liefert in jedem Tarif eine Stichprobe').waitFor();
    if (out) await page.screenshot({ path: `${out}/requests-de.png`, fullPage: true });
    await page.context().close();
  });
});
