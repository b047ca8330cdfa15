import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

let portal: Portal;

describe.skipIf(whyNoBrowser())('an operator', () => {
  beforeAll(async () => {
    portal = await openPortal();
    await portal.api.order({ orderId: 'shop', domain: 'shop.de', customer: { id: 'shop' } });
    await portal.api.order({ orderId: 'slow', domain: 'slow.de', customer: { id: 'slow' } });
    await portal.api.untilState('shop', 'waiting');
    await portal.world.simulators.cloudflare.control.activateZone('shop.de');
    await portal.api.untilState('shop', 'online');
  });
  afterAll(() => portal?.close());

  test('finds a site by a few letters and the keyboard alone', async () => {
    const page = await portal.as({ role: 'operator' });
    const complaints = listenForComplaints(page);
    await page.goto(`${portal.url}/ops`);
    await page.getByRole('heading', { name: 'Needs attention', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    // Letters before it has the focus go nowhere, and the list is that of former letters until it's answered.
    await page.getByRole('combobox', { name: 'Jump to' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('shop');
    await page.getByRole('option', { name: 'shop.de', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'shop.de', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('keeps filters in the address', async () => {
    const page = await portal.as({ role: 'operator' });
    await page.goto(`${portal.url}/ops/sites?state=waiting`);
    await page.getByRole('link', { name: 'slow.de' }).waitFor();
    expect(await page.getByRole('link', { name: 'shop.de' }).count()).toBe(0);
    await page.getByLabel('State').selectOption('online');
    await page.getByRole('link', { name: 'shop.de' }).waitFor();
    expect(new URL(page.url()).searchParams.get('state')).toBe('online');
    await page.context().close();
  });

  test('sees in the list and in what ⌘K finds that a site is in maintenance', async () => {
    const page = await portal.as({ role: 'operator' });
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body: window } = await portal.api.ask('POST', '/v1/maintenance-windows', {
      body: { site: 'shop', endsAt, reason: 'new disks' },
    });
    await page.goto(`${portal.url}/ops/sites`);
    await page
      .getByRole('row', { name: /shop\.de/ })
      .getByText('Maintenance', { exact: true })
      .waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('shop');
    await page.getByRole('option', { name: /shop\.de.*Maintenance/ }).waitFor();
    await portal.api.ask('DELETE', `/v1/maintenance-windows/${window.id}`);
    await page.reload();
    await page
      .getByRole('row', { name: /shop\.de/ })
      .getByText('Online', { exact: true })
      .waitFor();
    await page.context().close();
  });

  test('empties the search with the filters, and types on in it meanwhile', async () => {
    const page = await portal.as({ role: 'operator' });
    await page.goto(`${portal.url}/ops/sites`);
    const box = page.getByLabel('Search by domain, key, customer or order');
    await box.fill('shop');
    await page.getByRole('link', { name: 'slow.de' }).waitFor({ state: 'detached' });
    await page.waitForURL(/[?&]q=shop$/);
    await page.keyboard.type('-nobody-has');
    await page.getByText('No site fits').waitFor();
    expect(await box.inputValue()).toBe('shop-nobody-has');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: 'slow.de' }).waitFor();
    await expect.poll(() => box.inputValue()).toBe('');
    expect(new URL(page.url()).search).toBe('');
    await page.context().close();
  });

  test('gets to the queues, and not to what is for admins', async () => {
    const page = await portal.as({ role: 'operator' });
    await page.goto(`${portal.url}/ops/users`);
    await page.getByText('That did not work').first().waitFor();
    const pages = page.getByRole('navigation', { name: 'Console' });
    expect(await pages.getByRole('link', { name: 'Users' }).count()).toBe(0);
    const opened = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/admin/queues');
    await pages.getByRole('link', { name: 'Queues' }).click();
    expect((await opened).status()).toBe(200);
    await page.context().close();
  });

  test('sees the steps, the health and the log of a site, and a restart from its place in the queue to its end', async () => {
    const page = await portal.as({ role: 'operator' });
    await page.goto(`${portal.url}/ops/sites/shop`);
    await page.getByText('RoutesReady', { exact: true }).first().waitFor();
    await page.getByRole('img', { name: /checks, \d+ of them failed/ }).waitFor();
    await page.getByText('listening on :3000').first().waitFor();
    await page.getByRole('button', { name: 'Restart the container' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart the container' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: /Done|Under way|queued/ })
      .first()
      .waitFor();
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    // What happens comes by itself.
    await page.getByText('Restart requested', { exact: true }).waitFor();
    await page.context().close();
  });

  test('plans a silence and ends it', async () => {
    const page = await portal.as({ role: 'operator' });
    await page.goto(`${portal.url}/ops/incidents`);
    await page.getByLabel('Which one').fill('another');
    await page.getByLabel('Why').fill('new memory');
    await page.getByRole('button', { name: 'Begin now' }).click();
    await page.getByText('There is no such host.').waitFor();
    await page.getByLabel('Which one').fill('one');
    await page.getByRole('button', { name: 'Begin now' }).click();
    await page.getByText('new memory').waitFor();
    await page.getByRole('button', { name: 'End it now' }).click();
    await page.getByText('No silence is planned').waitFor();
    await page.context().close();
  });

  test('with the role viewer sees all and changes nothing', async () => {
    const page = await portal.as({ role: 'viewer' });
    await page.goto(`${portal.url}/ops/sites/shop`);
    await page.getByRole('heading', { name: 'shop.de', level: 1 }).waitFor();
    await page.getByText('RoutesReady', { exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Restart the container' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Doctor' }).count()).toBe(0);
    await page.goto(`${portal.url}/my/shop/domain`);
    await page.waitForURL(/\/ops$/);
    await page.context().close();
  });

  test('who has not signed in comes to where they wanted to go after signing in', async () => {
    const page = await portal.stranger();
    await page.goto(`${portal.url}/ops/hosts`);
    await page.waitForURL(/\/sign-in\?to=/);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.context().close();
  });
});
