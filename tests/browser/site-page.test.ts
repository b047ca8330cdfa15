import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

const OPERATOR = { role: 'operator' } as const;
const CONTAINER = 'customer-shop';

let portal: Portal;

const site = async (key: string) => (await portal.api.ask('GET', `/v1/sites/${key}`)).body;
const restart = () => portal.api.ask('POST', '/v1/sites/shop/restarts', { body: { target: 'container' } });
const retry = () => portal.api.ask('POST', '/v1/sites/slow/conditions/zone/retries', { body: {} });
const write = (line: string) => portal.world.simulators.docker.control.writeLine(CONTAINER, line);
/** What stands beside a name. */
const fact = (card: Locator, name: string) => card.locator(`dt:text-is("${name}") + dd`);

describe.skipIf(whyNoBrowser())('the page of a site', () => {
  beforeAll(async () => {
    portal = await openPortal();
    await portal.api.order({ orderId: 'shop', domain: 'shop.de', customer: { id: 'shop' } });
    await portal.api.order({ orderId: 'slow', domain: 'slow.de', customer: { id: 'slow' } });
    await portal.api.untilState('shop', 'waiting');
    await portal.world.simulators.cloudflare.control.activateZone('shop.de');
    await portal.api.untilState('shop', 'online');
    await portal.api.untilState('slow', 'waiting');
  });
  afterAll(() => portal?.close());

  test('follows what the container writes until it is held, and goes on where it was', async () => {
    const page = await portal.as(OPERATOR);
    await page.goto(`${portal.url}/ops/sites/shop`);
    const logs = page.getByRole('region', { name: 'Logs' });
    await logs.getByLabel('Source').selectOption('container');
    await logs.getByText('live', { exact: true }).waitFor();
    write('order 4711 paid');
    await logs.getByText('order 4711 paid').waitFor();
    await logs.getByLabel('Follow').uncheck();
    await logs.getByText('Paused', { exact: true }).waitFor();
    write('order 4712 paid');
    await logs.getByRole('button', { name: 'To the newest line' }).click();
    await logs.getByText('order 4712 paid').waitFor();
    await logs.getByText('live', { exact: true }).waitFor();
    expect(await logs.getByText('order 4711 paid').count()).toBe(1);
    await page.context().close();
  });

  test('finds lines of the log, also among those to come', async () => {
    const page = await portal.as(OPERATOR);
    await page.goto(`${portal.url}/ops/sites/shop`);
    const logs = page.getByRole('region', { name: 'Logs' });
    write('parcel 17 packed');
    write('invoice 17 sent');
    await logs.getByLabel('Source').selectOption('container');
    await logs.getByText('parcel 17 packed').waitFor();
    await logs.getByLabel('Search the logs').fill('invoice');
    await expect.poll(() => logs.getByText('parcel 17 packed').count()).toBe(0);
    await logs.getByText('invoice 17 sent').waitFor();
    await logs.getByText('live', { exact: true }).waitFor();
    write('parcel 18 packed');
    write('invoice 18 sent');
    await logs.getByText('invoice 18 sent').waitFor();
    expect(await logs.getByText(/parcel/).count()).toBe(0);
    await logs.getByLabel('Search the logs').fill('nothing-like-this');
    await logs.getByText('No lines').waitFor();
    await page.context().close();
  });

  test('shows the name servers that are expected beside those that are observed', async () => {
    const page = await portal.as(OPERATOR);
    await page.goto(`${portal.url}/ops/sites/slow`);
    const dns = page.getByRole('region', { name: 'DNS' });
    const { nameServers } = await site('slow');
    await fact(dns, 'Expected name servers')
      .filter({ hasText: nameServers.join(', ') })
      .waitFor();
    await dns.getByRole('button', { name: 'Ask now' }).click();
    await fact(dns, 'Observed').filter({ hasText: 'ns1.registrar.example' }).waitFor();
    await page.context().close();
  });

  test('says in German which name servers there are, and which must be set', async () => {
    const page = await portal.as(OPERATOR, { language: 'de' });
    await page.goto(`${portal.url}/ops/sites/slow`);
    const dns = page.getByRole('region', { name: 'DNS' });
    await dns.getByRole('button', { name: 'Jetzt fragen' }).click();
    await dns
      .getByText(/slow\.de hat die Nameserver ns1\.registrar\.example.*Beim Registrar müssen .* eingetragen werden/)
      .waitFor();
    await page.context().close();
  });

  test('shows the container and the tunnel, and where they run', async () => {
    const page = await portal.as(OPERATOR);
    await page.goto(`${portal.url}/ops/sites/shop`);
    const { container, placement, tunnel } = await site('shop');
    const [box, way] = ['Container', 'Tunnel'].map((name) => page.getByRole('region', { name, exact: true }));
    if (!box || !way) throw new Error('no cards');
    const shown: [Locator, string][] = [
      [fact(box, 'Image'), 'berth-demo/site:1'],
      [fact(box, 'Port'), `${placement.host}:${placement.port}`],
      [fact(box, 'Id'), container.id.slice(0, 12)],
      [fact(way, 'Id'), tunnel.id],
      [fact(way, 'Connections'), 'cloudflared'],
    ];
    for (const [where, text] of shown) await where.filter({ hasText: text }).waitFor();
    await page.context().close();
  });

  test('tells what happens by its stream, without asking for it', async () => {
    const page = await portal.as(OPERATOR);
    await page.goto(`${portal.url}/ops/sites/shop`);
    const events = page.getByRole('region', { name: 'Events' });
    await events.getByText('live', { exact: true }).waitFor();
    await page.route('**/v1/sites/shop/events?*', (route) => route.abort());
    await restart();
    await events.getByText('Restart requested', { exact: true }).first().waitFor();
    await page.context().close();
  });

  test('asks from time to time where no stream comes through, and says so', async () => {
    const page = await portal.as(OPERATOR);
    for (const stream of ['**/v1/sites/slow/events', '**/v1/events'])
      await page.route(stream, (route) => route.abort());
    await page.goto(`${portal.url}/ops/sites/slow`);
    const events = page.getByRole('region', { name: 'Events' });
    await events.getByText('every 5 s').waitFor();
    expect(await events.getByText('Another try requested', { exact: true }).count()).toBe(0);
    await retry();
    await events.getByText('Another try requested', { exact: true }).waitFor();
    await page.context().close();
  });

  // The last one: after it nobody but the api works.
  test('says at once where a restart is queued, and why it is not its turn', async () => {
    await portal.api.untilState('shop', 'online');
    const workers = portal.services.running.filter((one) => !('url' in one));
    await Promise.all(workers.map((worker) => worker.drain(10_000)));
    const page = await portal.as(OPERATOR);
    // What is shown at once is what the answer said.
    await page.route('**/v1/operations/**', (route) => route.abort());
    await page.goto(`${portal.url}/ops/sites/shop`);
    await page.getByRole('button', { name: 'Restart the container' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart the container' }).click();
    const told = page.getByRole('status').filter({ hasText: 'Requested. It is queued' });
    await told
      .filter({ hasText: /Queue container-one: (?:A worker picks it up at once|For .* no worker has)/ })
      .waitFor();
    await page.unroute('**/v1/operations/**');
    await told.filter({ hasText: 'no worker has taken anything from this queue' }).waitFor();
    await page.context().close();
  });
});
