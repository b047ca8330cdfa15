import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

let portal: Portal;

const ADMIN = { role: 'admin' } as const;

describe.skipIf(whyNoBrowser())('the console', () => {
  beforeAll(async () => {
    portal = await openPortal();
    const erika = { name: 'Erika Mustermann', email: 'erika@example.org' };
    await portal.api.order({ orderId: 'A-17', domain: 'shop.de', customer: { id: 'shop', ...erika } });
    await portal.api.order({
      orderId: 'A-18',
      domain: 'slow.de',
      customer: { id: 'slow', name: 'Otto', email: 'otto@example.org' },
    });
    await portal.api.untilState('shop', 'waiting');
    await portal.api.untilState('slow', 'waiting');
  });
  afterAll(() => portal?.close());

  test('shows orders, finds one by its customer, and leads to its site', async () => {
    const page = await portal.as({ role: 'viewer' });
    const complaints = listenForComplaints(page);
    await page.goto(`${portal.url}/ops/orders`);
    await page.getByRole('link', { name: 'slow.de' }).waitFor();
    await page.getByLabel('Search by order, customer or domain').fill('erika');
    await page.getByRole('link', { name: 'slow.de' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('q')).toBe('erika');
    await page.getByRole('link', { name: /shop\.de.*A-17/ }).click();
    await page.getByRole('heading', { name: 'shop.de', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('lets filters that nothing fits be cleared, the text that was typed too', async () => {
    const page = await portal.as({ role: 'viewer' });
    for (const [path, search] of [
      ['orders', 'Search by order, customer or domain'],
      ['sites', 'Search by domain, key, customer or order'],
    ] as const) {
      await page.goto(`${portal.url}/ops/${path}`);
      await page.getByRole('link', { name: 'slow.de' }).waitFor();
      await page.getByLabel(search).fill('nothing-like-this');
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByRole('link', { name: 'slow.de' }).waitFor();
      expect(await page.getByLabel(search).inputValue()).toBe('');
      expect(new URL(page.url()).search).toBe('');
    }
    await page.context().close();
  });

  test('says that sites could not be read, and not that there are none', async () => {
    const page = await portal.as({ role: 'viewer' });
    await page.route(
      (url) => url.pathname === '/v1/sites',
      (route) => route.fulfill({ status: 503, json: { title: 'Busy', status: 503, code: 'internal' } }),
    );
    await page.goto(`${portal.url}/ops/sites`);
    await page.getByRole('heading', { name: 'That did not work' }).waitFor();
    expect(await page.getByText('No site has been ordered yet').count()).toBe(0);
    await page.context().close();
  });

  test('moves its lists when something happens, without being asked', async () => {
    const page = await portal.as(ADMIN);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${portal.url}/ops/sites?state=online`);
    await page.getByText('No site fits').waitFor();
    await expect.poll(() => asked.includes('/v1/events'), { timeout: 60_000 }).toBe(true);
    await portal.world.simulators.cloudflare.control.activateZone('shop.de');
    await page.getByRole('link', { name: 'shop.de' }).waitFor();
    await page.context().close();
  });

  test('makes a key, shows it once, and revokes it; the audit says so, with what was before', async () => {
    const page = await portal.as(ADMIN);
    const complaints = listenForComplaints(page);
    await page.goto(`${portal.url}/ops/keys`);
    await page.getByLabel('What it is for').fill('the shop');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('Choose at least one thing that it may do.').waitFor();
    await page.getByLabel('Post orders').check();
    await page.getByRole('button', { name: 'Make the key' }).click();
    const shown = page.getByRole('status').filter({ hasText: 'Keep this key now' });
    const key = (await shown.locator('code').textContent()) ?? '';
    expect(key).toMatch(/^berth_/);
    await page.reload();
    await page.getByText('the shop').waitFor();
    expect(await page.content()).not.toContain(key);
    await page.getByRole('button', { name: 'Revoke: the shop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Revoked', { exact: true }).waitFor();
    await page.goto(`${portal.url}/ops/audit?action=revokeApiKey`);
    await page.getByRole('button', { name: /Revoked an API key/ }).click();
    await page.getByRole('dialog').getByText('"name": "the shop"').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('finds in the audit what somebody did, while the name is typed, and clears what was typed', async () => {
    const page = await portal.as(ADMIN);
    await page.goto(`${portal.url}/ops/audit`);
    const who = page.getByLabel('Who', { exact: true });
    await who.fill('nobody');
    await page.waitForURL(/[?&]actor=nobody$/);
    await page.keyboard.type('-like-this');
    await page.waitForURL(/[?&]actor=nobody-like-this$/);
    await page.getByText('Nothing fits these filters').waitFor();
    expect(await who.inputValue()).toBe('nobody-like-this');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await expect.poll(() => who.inputValue()).toBe('');
    await page
      .getByRole('button', { name: /Signed in/ })
      .first()
      .waitFor();
    await page.context().close();
  });

  test('lets nothing follow from what was still being typed when the filters were cleared', async () => {
    const page = await portal.as(ADMIN);
    await page.goto(`${portal.url}/ops/audit?actor=nobody`);
    await page.getByText('Nothing fits these filters').waitFor();
    await page.evaluate(`
      const field = document.querySelector('search input');
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, 'nobody-like-this');
      field.dispatchEvent(new Event('input', { bubbles: true }));
      [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Clear filters').click();
    `);
    await expect.poll(() => page.getByLabel('Who', { exact: true }).inputValue()).toBe('');
    // Longer than typing has to pause for its search to follow.
    await page.waitForTimeout(1000);
    expect(page.url()).toBe(`${portal.url}/ops/audit`);
    await page
      .getByRole('button', { name: /Signed in/ })
      .first()
      .waitFor();
    await page.context().close();
  });

  test('has a step of a site looked at now', async () => {
    const page = await portal.as(ADMIN);
    await page.goto(`${portal.url}/ops/sites/slow`);
    await page.getByRole('button', { name: 'Try now Zone' }).click();
    await page.getByText('It is being checked now').waitFor();
    await page.getByText('Another try requested', { exact: true }).waitFor();
    await page.context().close();
  });

  test('shows the portal with the eyes of a customer, says so on every page, and ends it', async () => {
    const page = await portal.as(ADMIN);
    await page.goto(`${portal.url}/ops/sites/shop`);
    await page.getByRole('button', { name: 'See it as the customer' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Begin' }).click();
    const banner = page.getByRole('status').filter({ hasText: 'with the eyes of erika@example.org' });
    await banner.waitFor();
    await page.getByRole('link', { name: 'Contact' }).click();
    await banner.waitFor();
    await banner.getByRole('button', { name: 'End' }).click();
    await page.getByRole('heading', { name: 'Needs attention', level: 1 }).waitFor();
    await page.goto(`${portal.url}/ops/audit?action=beginImpersonation`);
    await page.getByText('admin@berth.example').first().waitFor();
    await page.context().close();
  });

  test('changes a role, and the audit tells the former one', async () => {
    await portal.linkFor({ role: 'operator' });
    const page = await portal.as(ADMIN);
    await page.goto(`${portal.url}/ops/users`);
    const changed = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
    await page.getByLabel('Role of The operator').selectOption('viewer');
    expect((await changed).status()).toBe(200);
    await page.goto(`${portal.url}/ops/audit?action=changeUser`);
    await page
      .getByRole('button', { name: /Changed a user/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('"role": "operator"').waitFor();
    await page.context().close();
  });

  test('signs somebody out everywhere, and takes the way in from them', async () => {
    const theirs = await portal.as({ role: 'viewer' });
    await theirs.goto(`${portal.url}/ops`);
    await theirs.getByRole('heading', { name: 'Needs attention', level: 1 }).waitFor();
    const page = await portal.as(ADMIN);
    await page.goto(`${portal.url}/ops/users`);
    const viewer = page.getByRole('listitem').filter({ hasText: 'viewer@berth.example' });
    const everywhere = viewer.getByRole('button', { name: 'Sign out everywhere' });
    await everywhere.click();
    await everywhere.waitFor({ state: 'detached' });
    await theirs.reload();
    await theirs.getByRole('heading', { name: 'Sign in' }).waitFor();
    await viewer.getByRole('button', { name: 'Disable', exact: true }).click();
    await viewer.getByText('Disabled', { exact: true }).waitFor();
    for (const one of [theirs, page]) await one.context().close();
  });
});
