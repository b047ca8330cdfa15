import { codeOfApp, currentStep } from '@berth/shared/testing/authenticator';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { codeIn, linkIn } from './support/mailbox.ts';
import { openPortal, type Portal } from './support/portal.ts';

let portal: Portal;

const ERIKA = 'erika@example.org';
const OLGA = 'olga@berth.example';
const PASSWORD = 'correct horse battery staple';

const button = (page: Page, name: string) => page.getByRole('button', { name });

async function askForMail(page: Page): Promise<void> {
  await page.goto(portal.url);
  await page.getByLabel('E-mail address').fill(ERIKA);
  await button(page, 'Send me the e-mail').click();
  await page.getByRole('heading', { name: 'Look into your inbox' }).waitFor();
}

async function typePassword(page: Page): Promise<void> {
  await page.goto(`${portal.url}/operators`);
  await page.getByLabel('E-mail address').fill(OLGA);
  await page.getByLabel('Password').first().fill(PASSWORD);
  await button(page, 'Go on').click();
  await page.getByRole('heading', { name: 'Second factor' }).waitFor();
}

beforeAll(async () => {
  if (whyNoBrowser()) return;
  portal = await openPortal();
  const customer = { id: 'erika', name: 'Erika Mustermann', email: ERIKA };
  await portal.api.order({ orderId: 'erika', domain: 'mustermann.de', customer });
  await portal.api.untilState('erika', 'waiting');
});
afterAll(() => portal?.close());

describe.skipIf(whyNoBrowser())('a customer', () => {
  test('signs in by the link of the mail that came, on another device than the one that asked, once', async () => {
    const asking = await portal.stranger();
    await askForMail(asking);
    const link = linkIn(await portal.mailbox.next(ERIKA), portal.url);
    // A mail scanner opens what it finds, with a browser too, and presses nothing.
    const scanner = await portal.stranger();
    await scanner.goto(link);
    await button(scanner, 'Sign in now').waitFor();

    const phone = await portal.stranger({ phone: true });
    const complaints = listenForComplaints(phone);
    await phone.goto(link);
    await button(phone, 'Sign in now').click();
    await phone.getByRole('heading', { name: 'Connect mustermann.de' }).waitFor();
    expect(complaints).toEqual([]);
    await button(scanner, 'Sign in now').click();
    await scanner.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    for (const page of [asking, scanner, phone]) await page.context().close();
  });

  test('signs in by the code of the mail, where it was asked for', async () => {
    const page = await portal.stranger();
    await askForMail(page);
    const code = codeIn(await portal.mailbox.next(ERIKA));
    await page.getByLabel('Six-digit code').fill(code === '000000' ? '000001' : '000000');
    await button(page, 'Sign in with the code').click();
    await page.getByText('That did not work').waitFor();
    await page.getByLabel('Six-digit code').fill(code);
    await button(page, 'Sign in with the code').click();
    await page.getByRole('heading', { name: 'Connect mustermann.de' }).waitFor();
    await page.context().close();
  });

  test('sees where they are signed in, and signs out elsewhere', async () => {
    const here = await portal.as({ customer: ERIKA });
    const there = await portal.stranger();
    await askForMail(there);
    await there.goto(linkIn(await portal.mailbox.next(ERIKA), portal.url));
    await button(there, 'Sign in now').click();
    await there.getByRole('heading', { name: 'Connect mustermann.de' }).waitFor();

    await here.goto(`${portal.url}/my/erika/contact`);
    const others = button(here, 'Sign out there');
    await here.getByText('this device').waitFor();
    for (let left = await others.count(); left > 0; left -= 1) {
      await others.first().click();
      await expect.poll(() => others.count(), { timeout: 60_000 }).toBe(left - 1);
    }
    await there.reload();
    await there.getByRole('heading', { name: 'Sign in' }).waitFor();
    await here.reload();
    await here.getByRole('heading', { name: 'Contact and notifications' }).waitFor();
    for (const page of [here, there]) await page.context().close();
  });
});

describe.skipIf(whyNoBrowser())('somebody who is invited to run Berth', () => {
  let secret = '';
  let step = 0;
  let recoveryCode = '';
  const codeAt = (at: number) => codeOfApp(`otpauth://totp/Berth?secret=${secret}`, at);

  test('chooses a password and connects an app before anything else, by the link of the mail that came', async () => {
    const admin = await portal.as({ role: 'admin' });
    await admin.goto(`${portal.url}/ops/users`);
    await admin.getByLabel('E-mail address').fill(OLGA);
    await admin.getByLabel(/^Name/).fill('Olga Ohlsen');
    await button(admin, 'Invite').click();
    const link = linkIn(await portal.mailbox.next(OLGA), portal.url);

    const page = await portal.stranger();
    const complaints = listenForComplaints(page);
    await page.goto(link);
    await page.getByLabel('New password').fill(PASSWORD);
    await button(page, 'Go on').click();
    await page.waitForURL(/\/second-factor$/);
    await page.goto(`${portal.url}/ops/sites`);
    await page.waitForURL(/\/second-factor$/);
    await page.getByLabel('Your password, once more').fill(PASSWORD);
    await button(page, 'Go on').click();
    await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    secret = (await page.locator('code').first().textContent()) ?? '';
    step = currentStep();
    await page.getByLabel('Code of the app').fill(codeAt(step));
    await button(page, 'Connect the app').click();
    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
    recoveryCode = (await page.getByRole('listitem').first().textContent()) ?? '';
    await button(page, 'I have stored them').click();
    await page.waitForURL(/\/ops$/);
    expect(complaints).toEqual([]);
    for (const one of [admin, page]) await one.context().close();
  });

  test('signs in by the password and a code of the app that was not used before', async () => {
    const page = await portal.stranger();
    await typePassword(page);
    await page.getByLabel('Code of the app').fill(codeAt(step));
    await button(page, 'Sign in').click();
    await page.getByText('That did not work').waitFor();

    await typePassword(page);
    // The next one, or where getting here took longer, that of this moment.
    await page.getByLabel('Code of the app').fill(codeAt(Math.max(step + 1, currentStep())));
    await button(page, 'Sign in').click();
    await page.waitForURL(/\/ops$/);
    await page.context().close();
  });

  test('signs in by a recovery code without the app', async () => {
    const page = await portal.stranger();
    await typePassword(page);
    await button(page, 'I have no access to my app').click();
    await page.getByLabel('Recovery code').fill(recoveryCode);
    await button(page, 'Sign in').click();
    await page.waitForURL(/\/ops$/);
    await page.context().close();
  });
});
