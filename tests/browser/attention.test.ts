import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

const OPERATOR = { role: 'operator' } as const;
const ERIKA = 'erika@example.org';

let portal: Portal;

const read = async (path: string) => (await portal.api.ask('GET', path)).body;

describe.skipIf(whyNoBrowser())('an operator whose hand is needed', () => {
  beforeAll(async () => {
    portal = await openPortal();
    const { activateZone } = portal.world.simulators.cloudflare.control;
    const [broken, image] = [{ id: 'broken', email: 'otto@example.org' }, 'berth-demo/site:none'];
    await portal.api.order({ orderId: 'broken', domain: 'broken.de', customer: broken, image });
    await portal.api.order({ orderId: 'told', domain: 'told.de', customer: { id: 'told', email: ERIKA } });
    const wish = { language: 'en', notify: true };
    const { status, text } = await portal.api.ask('PUT', '/v1/customers/told/contact', { body: wish });
    if (status !== 200) throw new Error(text);
    for (const key of ['broken', 'told']) await portal.api.untilState(key, 'waiting');
    for (const domain of ['broken.de', 'told.de']) await activateZone(domain);
    await portal.api.untilState('told', 'online');
  });
  afterAll(() => portal?.close());

  test('sees first which site it is and why, and no more of it once it is mended', async () => {
    const page = await portal.as(OPERATOR);
    const complaints = listenForComplaints(page);
    await page.goto(`${portal.url}/ops`);
    const attention = page.getByRole('link', { name: /^broken\.de/ });
    await attention.filter({ hasText: 'Image not found' }).waitFor();
    await page
      .getByRole('link', { name: /^Attention/ })
      .filter({ hasText: '1' })
      .waitFor();
    await attention.click();
    await page.getByRole('heading', { name: 'broken.de', level: 1 }).waitFor();
    const container = page.getByRole('region', { name: 'Container' });
    await container.getByText('It is to run on one. The steps tell what it waits for.').waitFor();
    const open = page.getByRole('link', { name: 'Open', exact: true });
    expect(await open.count()).toBe(0);
    await portal.api.ask('POST', '/v1/sites/broken/deploys', { body: { image: 'berth-demo/site:1' } });
    await portal.api.untilState('broken', 'online');
    await open.waitFor();
    await page.getByRole('link', { name: /^Attention/ }).click();
    await attention.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('sees the sites come by themselves where no stream comes through', async () => {
    const page = await portal.as(OPERATOR);
    await page.route('**/v1/events', (route) => route.abort());
    await page.goto(`${portal.url}/ops/sites?q=later`);
    await page.getByText('No site fits').waitFor();
    await portal.api.order({
      orderId: 'later',
      domain: 'later.de',
      customer: { id: 'later', email: 'paula@example.org' },
    });
    await page.getByRole('link', { name: 'later.de' }).waitFor();
    await page.context().close();
  });

  test('is left alone with who has yet to change name servers, and told how many they are', async () => {
    await portal.api.untilState('later', 'waiting');
    const page = await portal.as(OPERATOR);
    await page.goto(`${portal.url}/ops`);
    await page.getByText('1 site waits for nobody but its customer').waitFor();
    expect(await page.getByRole('link', { name: /^later\.de/ }).count()).toBe(0);
    await page.getByRole('link', { name: 'Show what waits' }).click();
    await page.getByRole('link', { name: 'later.de' }).waitFor();
    await page.context().close();
  });

  test('sees the room on a host and what is there, and has it take no further sites', async () => {
    const page = await portal.as(OPERATOR);
    await page.goto(`${portal.url}/ops/hosts`);
    const say = (count: number) => new Intl.NumberFormat('en').format(count);
    await until('the room on it is shown', async () => {
      const { ports } = await read('/v1/hosts/one');
      const name = `Ports: ${say(ports.total - ports.free)} of ${say(ports.total)} taken`;
      return (await page.getByRole('progressbar', { name, exact: true }).count()) === 1;
    });
    await page.getByRole('progressbar', { name: /^Memory: .* of .* taken$/ }).waitFor();
    await page.getByRole('link', { name: 'one', exact: true }).click();
    await page.getByRole('region', { name: 'On this host' }).getByRole('link', { name: 'told.de' }).waitFor();
    await page.getByRole('button', { name: 'Take no further sites' }).click();
    await page.getByText('Draining', { exact: true }).waitFor();
    expect((await read('/v1/hosts/one')).draining).toBe(true);
    await page.getByRole('button', { name: 'Take sites again' }).click();
    await page.getByRole('button', { name: 'Take no further sites' }).waitFor();
    await page.getByText('Host takes no further sites', { exact: true }).waitFor();
    expect((await read('/v1/hosts/one')).draining).toBe(false);
    await page.context().close();
  });

  test('sees what was told to whom, and sends it again', async () => {
    const sent = await until('a mail was sent', async () => (await read('/v1/deliveries?state=delivered')).data[0]);
    expect(sent).toMatchObject({ channel: 'email', target: ERIKA, site: 'told' });
    const page = await portal.as(OPERATOR);
    await page.goto(`${portal.url}/ops/deliveries`);
    await page.getByLabel('State').selectOption('delivered');
    await page.waitForURL(/[?&]state=delivered$/);
    await page
      .getByRole('button', { name: new RegExp(`Delivered.*${sent.kind} told.*E-mail · ${ERIKA}`) })
      .first()
      .click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText(ERIKA, { exact: true }).waitFor();
    await drawer.getByRole('button', { name: 'Send again' }).click();
    await drawer.getByRole('status').filter({ hasText: 'It is sent again at once' }).waitFor();
    await until('it was sent again', async () => {
      const now = await read(`/v1/deliveries/${sent.id}`);
      return now.state === 'delivered' && now.attemptedAt > sent.attemptedAt;
    });
    const subjects = new Set<unknown>();
    await until('the same mail came twice', async () => {
      const { subject } = (await portal.mailbox.next(ERIKA)).headers;
      const isSecond = subjects.has(subject);
      subjects.add(subject);
      return isSecond;
    });
    await page.context().close();
  });

  test('sees an incident of a host as long as it lasts', async () => {
    const page = await portal.as(OPERATOR);
    const { docker } = portal.world.simulators;
    await docker.control.away();
    await page.goto(`${portal.url}/ops/incidents`);
    const incidents = page.getByRole('region', { name: 'Open incidents' });
    const ofHost = incidents.getByRole('listitem').filter({ hasText: 'Docker does not answer' });
    await ofHost.getByRole('link', { name: 'Host one' }).waitFor();
    await docker.control.back();
    await ofHost.waitFor({ state: 'detached' });
    await page.context().close();
  });
});
