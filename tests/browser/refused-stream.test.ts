import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal, type Who } from './support/portal.ts';

const ERIKA = { customer: 'erika@example.org' };
const OPERATOR = { role: 'operator' } as const;
/** As many as one caller has at most. */
const MOST = 50;

let portal: Portal;
let used = new AbortController();

/** Has somebody follow as many streams as they may, in other windows. @returns what their page is refused from now on */
async function useUp(page: Page, address: string): Promise<() => number[]> {
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const headers = { accept: 'text/event-stream', cookie };
  used = new AbortController();
  const open = Array.from({ length: MOST }, () => fetch(portal.url + address, { headers, signal: used.signal }));
  const answers = await Promise.all(open);
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: MOST }, () => 200));
  const seen: number[] = [];
  page.on('response', (response) => {
    if (response.request().headers().accept === 'text/event-stream') seen.push(response.status());
  });
  // Whose answer nobody holds is closed.
  return () => (answers.length === MOST ? seen : []);
}

async function order(key: string): Promise<void> {
  const erika = { id: key, name: 'Erika Mustermann', email: ERIKA.customer };
  await portal.api.order({ orderId: key, domain: `${key}.de`, customer: erika });
  await portal.api.untilState(key, 'waiting');
}

async function openHere(who: Who, path: string): Promise<{ page: Page; streams(): number[] }> {
  const page = await portal.as(who);
  const streams = await useUp(page, '/v1/sites/shop/events');
  await page.goto(portal.url + path);
  await page.evaluate('window.isTheFirst = true');
  return { page, streams };
}

describe.skipIf(whyNoBrowser())('a page whose stream is refused, since its reader has too many,', () => {
  beforeAll(async () => {
    portal = await openPortal();
    await order('shop');
  });
  afterAll(() => {
    used.abort();
    return portal?.close();
  });

  test('asks from time to time, and shows a customer how their site goes live', async () => {
    const { page, streams } = await openHere(ERIKA, '/my/shop/domain');
    const current = page.getByRole('list', { name: 'Progress' }).locator('[aria-current=step]');
    await current.filter({ hasText: 'Name servers changed, now' }).waitFor();
    await expect.poll(() => streams().length, { timeout: 30_000 }).toBeGreaterThan(0);
    await portal.world.simulators.cloudflare.control.activateZone('shop.de');
    await page.getByRole('listitem').filter({ hasText: 'Online, done' }).waitFor();
    expect(new Set(streams())).toEqual(new Set([429]));
    expect(await page.evaluate('window.isTheFirst')).toBe(true);
    used.abort();
    await page.context().close();
  });

  test('asks from time to time, and shows an operator what comes and becomes live', async () => {
    const { page, streams } = await openHere(OPERATOR, '/ops/sites');
    await page.getByRole('link', { name: 'shop.de' }).waitFor();
    await expect.poll(() => streams().length, { timeout: 30_000 }).toBeGreaterThan(0);
    await order('later');
    const row = page.getByRole('row').filter({ hasText: 'later.de' });
    await row.waitFor();
    await portal.world.simulators.cloudflare.control.activateZone('later.de');
    await portal.api.untilState('later', 'online');
    await row.filter({ hasText: 'Online' }).waitFor();
    expect(new Set(streams())).toEqual(new Set([429]));
    expect(await page.evaluate('window.isTheFirst')).toBe(true);
    used.abort();
    await page.context().close();
  });

  test('tells an operator how often a site is asked for, and what happens there', async () => {
    const { page, streams } = await openHere(OPERATOR, '/ops/sites/shop');
    const events = page.getByRole('region', { name: 'Events' });
    await events.getByText('every 5 s').waitFor();
    await expect.poll(() => streams().length, { timeout: 30_000 }).toBeGreaterThan(0);
    await events.getByText('every 5 s').waitFor();
    const requested = events.getByText('Restart requested', { exact: true });
    expect(await requested.count()).toBe(0);
    await portal.api.ask('POST', '/v1/sites/shop/restarts', { body: { target: 'container' } });
    await requested.first().waitFor();
    expect(new Set(streams())).toEqual(new Set([429]));
    used.abort();
    await page.context().close();
  });
});
