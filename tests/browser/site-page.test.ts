import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

const OPERATOR = { role: 'operator' } as const;
const CONTAINER = 'customer-shop';

let portal: Portal;

const write = (line: string) => portal.world.simulators.docker.control.writeLine(CONTAINER, line);

describe.skipIf(whyNoBrowser())('the page of a site', () => {
  beforeAll(async () => {
    portal = await openPortal();
    await portal.api.order({ orderId: 'shop', domain: 'shop.de', customer: { id: 'shop' } });
    await portal.api.untilState('shop', 'waiting');
    await portal.world.simulators.cloudflare.control.activateZone('shop.de');
    await portal.api.untilState('shop', 'online');
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
});
