import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal, type Who } from './support/portal.ts';
import { missedByTab } from './support/tab-through.ts';

const ERIKA = { customer: 'erika@example.org' };
const ADMIN = { role: 'admin' } as const;
const MOST_TABS = 40;

const pages: readonly (readonly [path: string, who: Who | undefined])[] = [
  ['/sign-in', undefined],
  ['/operators', undefined],
  ...['domain', 'website', 'visitors', 'protection', 'contact'].map((name) => [`/my/keys/${name}`, ERIKA] as const),
  ...['', '/requests', '/protection'].map((name) => [`/ops/sites/keys${name}`, ADMIN] as const),
  ...['sites', 'orders', 'hosts', 'hosts/one', 'incidents', 'deliveries', 'keys', 'users', 'audit', 'doctor'].map(
    (name) => [`/ops/${name}`, ADMIN] as const,
  ),
  ['/ops', ADMIN],
];

let portal: Portal;

const focused = (page: Page, wanted: Locator) => wanted.and(page.locator(':focus'));

/** Presses Tab, or in a menu an arrow, until `wanted` has the focus, as who has no mouse does. */
async function tabTo(page: Page, wanted: Locator, key = 'Tab'): Promise<void> {
  await wanted.waitFor();
  for (let n = 0; n < MOST_TABS; n += 1) {
    if ((await focused(page, wanted).count()) > 0) return;
    await page.keyboard.press(key);
  }
  throw new Error('the keyboard does not get there');
}

/** In the page: how a line of an element stands out from what is behind the element (WCAG 2.2, "contrast ratio"). */
const CONTRAST = `(shown, line) => {
  const partsOf = (colour) => (/[\\d., ]+/.exec(colour)?.[0] ?? '').split(',').map(Number);
  const light = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [red, green, blue] = partsOf(colour).map((part) => light(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const isClear = (one) => partsOf(getComputedStyle(one).backgroundColor)[3] === 0;
  let behind = shown.parentElement;
  while (behind.parentElement && isClear(behind)) behind = behind.parentElement;
  const both = [getComputedStyle(shown)[line], getComputedStyle(behind).backgroundColor].map(luminance);
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}`;
const contrastOf = (page: Page, selector: string, line: 'outlineColor' | 'borderTopColor') =>
  page.evaluate<number>(`(${CONTRAST})(document.querySelector('${selector}'), '${line}')`);

describe.skipIf(whyNoBrowser())('by the keyboard alone, with reduced motion,', () => {
  beforeAll(async () => {
    portal = await openPortal();
    const erika = { name: 'Erika Mustermann', email: ERIKA.customer };
    await portal.api.order({ orderId: 'k', domain: 'keys.de', customer: { id: 'keys', ...erika } });
    await portal.api.untilState('keys', 'waiting');
    await portal.world.simulators.cloudflare.control.activateZone('keys.de');
    await portal.api.untilState('keys', 'online');
  });
  afterAll(() => portal?.close());

  test.for(['light', 'dark'] as const)(
    'somebody sees in %s colours where a field is, and which one they fill in',
    async (scheme) => {
      const page = await portal.stranger({ language: 'en', scheme });
      await page.goto(`${portal.url}/operators`);
      await focused(page, page.getByLabel('E-mail address')).waitFor();
      expect(await contrastOf(page, ':focus', 'outlineColor')).toBeGreaterThanOrEqual(3);
      expect(await page.evaluate("getComputedStyle(document.querySelector(':focus')).outlineStyle")).toBe('solid');
      expect(await contrastOf(page, 'input[type=password]', 'borderTopColor')).toBeGreaterThanOrEqual(3);
      await page.context().close();
    },
  );

  test('somebody chooses their language, and is back where they were', async () => {
    const page = await portal.stranger({ language: 'en' });
    await page.goto(`${portal.url}/sign-in`);
    const button = page.getByRole('button', { name: 'Account and settings' });
    await tabTo(page, button);
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Deutsch' }).waitFor();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('menuitem', { name: 'Deutsch' }).waitFor({ state: 'detached' });
    await tabTo(page, button);
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('menuitem', { name: 'Deutsch' }), 'ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Anmelden', level: 1 }).waitFor();
    await page.context().close();
  });

  test('a customer thinks better of a restart, and then restarts the website', async () => {
    const page = await portal.as(ERIKA);
    await page.goto(`${portal.url}/my/keys/website`);
    const button = page.getByRole('button', { name: 'Restart the website' });
    await tabTo(page, button);
    await page.keyboard.press('Enter');
    const yes = page.getByRole('button', { name: 'Restart now' });
    await yes.waitFor();
    await focused(page, yes).waitFor();
    await page.keyboard.press('Escape');
    await yes.waitFor({ state: 'detached' });
    await focused(page, button).waitFor();
    await page.keyboard.press('Enter');
    await yes.waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    await page.context().close();
  });

  test.for(pages)('everything on %s can be come to', async ([path, who]) => {
    const page = who ? await portal.as(who) : await portal.stranger();
    await page.goto(portal.url + path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await until('nothing is loading', async () => (await page.locator('.mantine-Loader-root').count()) === 0);
    expect(await missedByTab(page)).toEqual([]);
    await page.context().close();
  });

  test('an operator thinks better of a restart, and then restarts the container', async () => {
    const page = await portal.as(ADMIN);
    await page.goto(`${portal.url}/ops/sites/keys`);
    const button = page.getByRole('button', { name: 'Restart the container' });
    await tabTo(page, button);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await tabTo(page, dialog.getByRole('button', { name: 'Close' }));
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await focused(page, button).waitFor();
    await page.keyboard.press('Enter');
    await tabTo(page, dialog.getByRole('button', { name: 'Restart the container' }));
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    await page.context().close();
  });

  test('an admin reads what changed, and is back at its entry', async () => {
    const page = await portal.as(ADMIN);
    await page.goto(`${portal.url}/ops/audit`);
    const entry = page.getByRole('button', { name: /Signed in/ }).first();
    await tabTo(page, entry);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /Signed in/ })
      .and(page.locator(':focus'))
      .waitFor();
    await page.context().close();
  });
});
