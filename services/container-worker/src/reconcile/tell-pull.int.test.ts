import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { eventsOf, lookUntil, orderSite, rows } from '../testing/placed-site.ts';

/** So long that news of it are written down in the middle of it on a busy machine too. */
const PULL_MS = 2000;

describe('a pull', () => {
  let host: ContainerHost;

  beforeAll(async () => {
    host = await startContainerHost(
      { 'berth-demo/big:1': {}, 'berth-demo/big:2': {}, 'berth-demo/big:3': {} },
      PULL_MS,
    );
  });
  afterAll(() => host.stop());

  const told = async (site: Parameters<typeof eventsOf>[1]) =>
    (await eventsOf(host, site, 'image.pulling')).map(({ data }) => (data as { percent: number }).percent);

  test('is told in tenths, each once, with layers and bytes', async () => {
    host.settings.pullNewsMs = 50;
    const site = await orderSite(host, { image: 'berth-demo/big:1' });
    await lookUntil(host, site, 'Healthy');
    const percents = await told(site);
    expect(percents.length).toBeGreaterThan(2);
    expect(percents.length).toBeLessThanOrEqual(10);
    expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
    const lines = await rows<{ message: string }>(
      host,
      `select message from site_events where site_id = $1 and type = 'image.pulling' order by seq`,
      [site.siteId],
    );
    expect(lines.at(-1)?.message).toMatch(/^pulling berth-demo\/big:1: \d+ % \(\d of 3 layers, \d+ of \d+ MB\)$/);
  });

  test('that fails and is tried again tells nothing twice', async () => {
    host.settings.pullNewsMs = 50;
    host.simulator.control.breakPulls('unexpected EOF');
    const site = await orderSite(host, { image: 'berth-demo/big:2' });
    await lookUntil(host, site, 'RegistryUnavailable');
    expect((await told(site)).length).toBeGreaterThan(2);
    host.simulator.control.breakPulls(undefined);
    await lookUntil(host, site, 'Healthy');
    const percents = await told(site);
    expect(new Set(percents).size).toBe(percents.length);
  });

  test('that is quick says only which image it was', async () => {
    host.settings.pullNewsMs = 60_000;
    const site = await orderSite(host, { image: 'berth-demo/big:3' });
    await lookUntil(host, site, 'Healthy');
    expect(await told(site)).toEqual([]);
    const [resolved, ...more] = await rows<{ message: string }>(
      host,
      `select message from site_events where site_id = $1 and type = 'image.resolved'`,
      [site.siteId],
    );
    expect(resolved?.message).toMatch(/^berth-demo\/big:3 is berth-demo\/big@sha256:[0-9a-f]{64}$/);
    expect(more).toEqual([]);
  });
});
