import { makeApiClient } from '@berth/simulators/testing/make-api-client';
import { visitEdge } from '@berth/simulators/testing/visit-edge';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

const ERIKA = { customer: 'erika@example.org' };
const OPERATOR = { role: 'operator' } as const;
const PATH = '/v1/sites/shop/protection';
const BLOCK = 'Not from these addresses and networks';
const block = (...networks: string[]) => ({ ip: { block: networks } });
/** Where pictures are wanted, to be looked at. */
const out = process.env.BERTH_SCREENSHOTS;

let portal: Portal;

const standing = async () => (await portal.api.ask('GET', PATH)).body;
/** The newest change in the audit, where it's the one of a limit. */
const newestChange = async () => {
  const [newest] = (await portal.api.ask('GET', '/v1/audit?action=putProtection')).body.data;
  return newest?.after?.rateLimit?.requests === 50 ? newest : undefined;
};
/** Somebody else says what shall protect the site. */
async function want(body: unknown): Promise<void> {
  const { etag } = await standing();
  const { status, text } = await portal.api.ask('PUT', PATH, { body, headers: { 'if-match': etag } });
  if (status !== 200) throw new Error(text);
}
const untilInForce = () => until('it is in force', async () => (await standing()).inForce);
const visit = async (visitor: string) =>
  (await visitEdge(portal.world.simulators.cloudflare, 'shop.de', { visitor })).status;
const look = (page: Page) => page.getByRole('button', { name: 'See what would change' }).click();
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click();
/** The page doesn't see by itself what others want until it is let go. */
async function holdReads(page: Page): Promise<() => void> {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(`**${PATH}`, async (route) => {
    if (route.request().method() === 'GET') await held;
    await route.continue();
  });
  return letGo;
}
async function openForm(): Promise<Page> {
  const page = await portal.as(OPERATOR, { language: 'en' });
  await page.goto(`${portal.url}/ops/sites/shop/protection`);
  await page.getByRole('switch', { name: 'Addresses are blocked' }).click();
  return page;
}

describe.skipIf(whyNoBrowser())('the page of protection', () => {
  beforeAll(async () => {
    portal = await openPortal();
    const erika = { name: 'Erika Mustermann', email: ERIKA.customer };
    await portal.api.order({ orderId: 'A-1', domain: 'shop.de', customer: { id: 'shop', ...erika } });
    await portal.api.untilState('shop', 'waiting');
    await portal.world.simulators.cloudflare.control.activateZone('shop.de');
    await portal.api.untilState('shop', 'online');
  });
  beforeEach(async () => {
    await want({});
    await untilInForce();
  });
  afterAll(() => portal?.close());

  test('has an operator see what would change, refuses what cannot be had, and is in force at the edge', async () => {
    const page = await portal.as(OPERATOR, { language: 'en' });
    const complaints = listenForComplaints(page);
    await page.goto(`${portal.url}/ops/sites/shop`);
    await page.getByRole('link', { name: 'Protection' }).click();
    await page.getByRole('heading', { name: 'Protection of shop.de', level: 1 }).waitFor();
    await page.getByText('Everybody, without signing in').waitFor();
    await page.getByRole('switch', { name: 'Addresses are blocked' }).click();
    await page.getByLabel(BLOCK).fill('203.0.113.1/24');
    await look(page);
    await page.getByRole('alert').getByText('write 203.0.113.0/24 for the network').waitFor();
    expect(await page.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0);
    await page.getByLabel(BLOCK).fill('203.0.113.0/24');
    await look(page);
    await page.getByRole('status').getByText('not from 203.0.113.0/24').waitFor();
    expect((await standing()).wanted.ip).toBeNull();
    if (out) await page.screenshot({ path: `${out}/protection-en.png`, fullPage: true });
    await save(page);
    await page.getByText('Saved. It comes into force').waitFor();
    await page.getByText('In force', { exact: true }).waitFor();
    expect(await visit('203.0.113.9 DE')).toBe(403);
    expect(await visit('192.0.2.9 DE')).toBe(200);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('says whether somebody would get in, and why', async () => {
    await want({ ...block('203.0.113.0/24'), access: { emails: ['anna@example.org'] } });
    const page = await portal.as(OPERATOR, { language: 'en' });
    await page.goto(`${portal.url}/ops/sites/shop/protection`);
    const attempt = () => page.getByRole('button', { name: 'Try it' }).click();
    await page.getByLabel('IP address', { exact: true }).fill('203.0.113.9');
    await attempt();
    await page.getByRole('status').getByText('Is blocked', { exact: true }).waitFor();
    await page.getByText('The address is blocked by 203.0.113.0/24.').waitFor();
    await page.getByLabel('IP address', { exact: true }).fill('192.0.2.9');
    await attempt();
    await page.getByRole('status').getByText('Is asked to sign in first').waitFor();
    await page.getByLabel('E-mail address', { exact: true }).fill('eve@example.org');
    await attempt();
    await page.getByRole('status').getByText('May not enter', { exact: true }).waitFor();
    await page.getByLabel('E-mail address', { exact: true }).fill('anna@example.org');
    await attempt();
    await page.getByRole('status').getByText('Gets in', { exact: true }).waitFor();
    await page.getByLabel('IP address', { exact: true }).fill('here');
    await attempt();
    await page.getByRole('alert').getByText('must be an address').waitFor();
    await page.context().close();
  });

  test('says on which path somebody else’s application decides, in German', async () => {
    const { cloudflare } = portal.world.simulators;
    const call = makeApiClient(cloudflare);
    const base = `/accounts/${cloudflare.accountId}/access`;
    const policy = { name: 'open', decision: 'bypass', include: [{ everyone: {} }] };
    const { id } = (await call('POST', `${base}/policies`, policy)).body.result as { id: string };
    const app = { type: 'self_hosted', name: 'Their wiki', domain: 'shop.de/wiki', policies: [id] };
    const theirs = (await call('POST', `${base}/apps`, app)).body.result as { id: string };
    await want({ access: { emails: ['anna@example.org'] } });
    await untilInForce();
    const page = await portal.as(OPERATOR, { language: 'de' });
    await page.goto(`${portal.url}/ops/sites/shop/protection`);
    await page.getByLabel('E-Mail-Adresse', { exact: true }).fill('anna@example.org');
    await page.getByRole('button', { name: 'Ausprobieren' }).click();
    await page.getByRole('status').getByText('Kommt hinein', { exact: true }).waitFor();
    await page.getByText('Unter shop.de/wiki entscheidet eine fremde Access-Anwendung').waitFor();
    if (out) await page.screenshot({ path: `${out}/protection-elsewhere-de.png`, fullPage: true });
    await call('DELETE', `${base}/apps/${theirs.id}`);
    await page.context().close();
  });

  test('overwrites nobody: what somebody else wants is shown first, and mine comes after it', async () => {
    const page = await openForm();
    const letGo = await holdReads(page);
    await page.getByLabel(BLOCK).fill('198.51.100.0/24');
    await look(page);
    await page.getByRole('heading', { name: 'What would change' }).waitFor();
    await want(block('203.0.113.0/24'));
    await save(page);
    await page.getByRole('alert').getByText('Somebody else has changed it meanwhile').waitFor();
    expect((await standing()).wanted.ip.block).toEqual(['203.0.113.0/24']);
    letGo();
    await page.getByText('not from 203.0.113.0/24').waitFor();
    await page.getByRole('button', { name: 'Go on with mine' }).click();
    await look(page);
    await save(page);
    await page.getByText('Saved. It comes into force').waitFor();
    expect((await standing()).wanted.ip.block).toEqual(['198.51.100.0/24']);
    await page.context().close();
  });

  test('leaves it at what somebody else wants where that is chosen', async () => {
    const page = await openForm();
    const letGo = await holdReads(page);
    await page.getByLabel(BLOCK).fill('198.51.100.0/24');
    await want(block('203.0.113.0/24'));
    await look(page);
    await page.getByRole('button', { name: 'Leave it at theirs' }).click();
    await expect.poll(() => page.getByLabel(BLOCK).inputValue()).toBe('203.0.113.0/24');
    letGo();
    await page.context().close();
  });

  test('has every visitor looked at under attack, until it is switched off', async () => {
    const page = await portal.as(OPERATOR, { language: 'en' });
    await page.goto(`${portal.url}/ops/sites/shop/protection`);
    const attack = page.getByRole('switch', { name: 'Every visitor is checked (under attack)' });
    await attack.click();
    await look(page);
    await save(page);
    await page.getByText('Saved. It comes into force').waitFor();
    await page.getByText('every visitor is checked before they get through').first().waitFor();
    await page.getByText('In force', { exact: true }).waitFor();
    expect(await visit('192.0.2.9 DE')).toBe(403);
    await attack.click();
    await look(page);
    await save(page);
    await until('it is not wanted any more', async () => !(await standing()).wanted.underAttack);
    await untilInForce();
    expect(await visit('192.0.2.9 DE')).toBe(200);
    await page.context().close();
  });

  test('is told in the audit, in words', async () => {
    await want({ ...block('203.0.113.0/24'), rateLimit: { requests: 50 } });
    // Its end is written down after the answer was sent.
    await until('it stands in the audit', async () => (await newestChange())?.status === 200);
    const page = await portal.as({ role: 'admin' }, { language: 'en' });
    await page.goto(`${portal.url}/ops/audit?action=putProtection`);
    await page.getByRole('main').getByRole('button').filter({ hasText: 'Said what protects a site' }).first().click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Everybody, without signing in').first().waitFor();
    await drawer.getByText('not from 203.0.113.0/24').waitFor();
    await drawer.getByText('50 requests from one address').waitFor();
    await page.context().close();
  });

  test('shows customers in German what protects their website, and lets them try, not change', async () => {
    await want(block('203.0.113.0/24'));
    const page = await portal.as(ERIKA, { language: 'de', phone: true });
    await page.goto(`${portal.url}/my/shop/website`);
    await page.getByRole('link', { name: 'Schutz' }).click();
    await page.getByRole('heading', { name: 'Schutz Ihrer Website', level: 1 }).waitFor();
    await page.getByText('nicht von 203.0.113.0/24').waitFor();
    await page.getByText('Tarif der Domain bei Cloudflare: free').waitFor();
    await page.getByLabel('IP-Adresse', { exact: true }).fill('203.0.113.9');
    await page.getByRole('button', { name: 'Ausprobieren' }).click();
    await page.getByText('Ist gesperrt').waitFor();
    expect(await page.getByRole('heading', { name: 'Ändern' }).count()).toBe(0);
    if (out) await page.screenshot({ path: `${out}/protection-de.png`, fullPage: true });
    await page.context().close();
  });

  test('tells an operator in German what the plan gives, and what cannot be had', async () => {
    const page = await portal.as(OPERATOR, { language: 'de' });
    await page.goto(`${portal.url}/ops/sites/shop/protection`);
    const see = () => page.getByRole('button', { name: 'Zeigen, was sich ändern würde' }).click();
    await page.getByRole('switch', { name: 'Anfragen sind begrenzt' }).click();
    await see();
    await page.getByRole('status').getByText('Der Tarif free kennt in Grenzen keine Hostnamen').waitFor();
    await page.getByRole('status').getByText('Jedes Rechenzentrum von Cloudflare zählt für sich.').waitFor();
    await page.getByRole('switch', { name: 'Adressen werden abgewiesen' }).click();
    await page.getByLabel('Nicht diese Adressen und Netze').fill('203.0.113.1/24');
    await see();
    await page.getByRole('alert').getByText('Schreiben Sie 203.0.113.0/24 für das Netz').waitFor();
    await page.getByLabel('IP-Adresse', { exact: true }).fill('hier');
    await page.getByRole('button', { name: 'Ausprobieren' }).click();
    await page.getByRole('alert').getByText('Das muss eine Adresse sein').waitFor();
    await page.context().close();
  });

  test('shows viewers all of it, and no form', async () => {
    const page = await portal.as({ role: 'viewer' }, { language: 'en' });
    await page.goto(`${portal.url}/ops/sites/shop/protection`);
    await page.getByText('Your role shows this, and does not change it.').waitFor();
    await page.getByRole('button', { name: 'Try it' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Change it' }).count()).toBe(0);
    await page.context().close();
  });
});
