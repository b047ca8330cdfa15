import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { linkIn } from './support/mailbox.ts';
import { openPortal, type Portal } from './support/portal.ts';

let portal: Portal;

const ERIKA = 'erika@example.org';
const NEW = 'erika.mustermann@example.com';

const contact = async () => (await portal.api.ask('GET', '/v1/customers/erika/contact')).body;

async function openContact(): Promise<Page> {
  const page = await portal.as({ customer: ERIKA });
  await page.goto(`${portal.url}/my/erika/contact`);
  await page.getByRole('heading', { name: 'Contact and notifications' }).waitFor();
  return page;
}

describe.skipIf(whyNoBrowser())('the page of contact', () => {
  beforeAll(async () => {
    portal = await openPortal();
    const customer = { id: 'erika', name: 'Erika Mustermann', email: ERIKA };
    await portal.api.order({ orderId: 'erika', domain: 'mustermann.de', customer });
    await portal.api.untilState('erika', 'waiting');
  });
  afterAll(() => portal?.close());

  test('keeps at once whether the customer is written to, and in which language', async () => {
    const page = await openContact();
    const complaints = listenForComplaints(page);
    expect(await contact()).toMatchObject({ notify: false, language: 'en' });
    const wish = page.getByRole('switch', { name: 'Write to me' });
    await wish.focus();
    await page.keyboard.press('Space');
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    await until('it is kept', async () => (await contact()).notify === true);
    await page.getByLabel('Language of the e-mails').selectOption('de');
    await until('the language is kept', async () => (await contact()).language === 'de');
    await page.reload();
    await wish.waitFor();
    expect(await wish.isChecked()).toBe(true);
    expect(await page.getByLabel('Language of the e-mails').inputValue()).toBe('de');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('has what happens to the website told by mail, once the customer wishes so', async () => {
    await portal.world.simulators.cloudflare.control.activateZone('mustermann.de');
    const mail = await portal.mailbox.next(ERIKA);
    expect(mail.text).toContain('mustermann.de');
  });

  test('changes the address by a mail to the new one, and the former one is told', async () => {
    const page = await openContact();
    await page.getByRole('button', { name: 'Change the e-mail address' }).click();
    await page.getByLabel('New e-mail address').fill(NEW);
    await page.getByRole('button', { name: 'Send the confirmation' }).click();
    await page.getByRole('status').filter({ hasText: 'Look into the inbox of the new address' }).waitFor();
    expect((await contact()).email).toBe(ERIKA);

    const link = linkIn(await portal.mailbox.next(NEW), portal.url);
    const other = await portal.stranger({ phone: true });
    const complaints = listenForComplaints(other);
    await other.goto(link);
    await other.getByRole('button', { name: 'Confirm the address' }).click();
    await other.getByRole('heading', { name: 'Your address is changed' }).waitFor();
    await other.getByRole('button', { name: 'Go on to my website' }).click();
    await other.waitForURL(/\/my\/erika\//);
    expect(complaints).toEqual([]);
    expect((await contact()).email).toBe(NEW);

    const told = await until('the former address is told', async () => {
      const mail = await portal.mailbox.next(ERIKA);
      return mail.headers.subject === 'Ihre Adresse wurde geändert' && mail;
    });
    expect(told.text).toContain(NEW);
    // Whoever has the former address alone is out, and the link works no more.
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.goto(link);
    await other.getByRole('button', { name: 'Confirm the address' }).click();
    await other.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    for (const one of [page, other]) await one.context().close();
  });
});
