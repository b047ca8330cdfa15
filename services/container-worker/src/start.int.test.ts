import { openContext } from '@berth/shared/runtime/context';
import { silentLog } from '@berth/shared/runtime/log';
import { Secret } from '@berth/shared/runtime/secret';
import { requestDeletion } from '@berth/shared/store/request-changes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseContainerWorkerConfig } from './config.ts';
import { startContainerWorker } from './start.ts';
import { type ContainerHost, startContainerHost } from './testing/container-host.ts';
import { closeConnector, conditionOf, numbersOf, orderSite, type PlacedSite } from './testing/placed-site.ts';

const key = Buffer.alloc(32, 7).toString('base64');

describe('startContainerWorker', () => {
  let host: ContainerHost;

  beforeAll(async () => {
    host = await startContainerHost();
  });
  afterAll(() => host.stop());

  async function startWorker() {
    const url = host.databaseUrl;
    const config = parseContainerWorkerConfig({
      DATABASE_URL: url,
      BERTH_SECRETS_KEY: key,
      DOCKER_HOST: host.simulator.dockerHost,
      HOST_ID: host.id,
      BERTH_FIREWALL: 'elsewhere',
    });
    const context = await openContext({
      databaseUrl: new Secret(url),
      secretsKey: new Secret(key),
      log: silentLog,
      queue: 'off',
    });
    const worker = await startContainerWorker(config, context);
    return async () => {
      await worker.drain(5000);
      await context.close();
    };
  }
  const until = (site: PlacedSite, reason: string) =>
    expect.poll(async () => (await conditionOf(host, site)).reason, { timeout: 60_000 }).toBe(reason);

  test('brings sites to life and away again by itself, without any queue', async () => {
    const sites = await Promise.all(Array.from({ length: 10 }, () => orderSite(host)));
    const stop = await startWorker();
    for (const site of sites) await until(site, 'Healthy');
    for (const site of sites) {
      const { port } = await numbersOf(host, site);
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    }
    for (const site of sites) {
      await requestDeletion(host.db, site.key, site.domain, site.by());
      await closeConnector(host, site);
    }
    await host.db.pool.query(`update site_conditions set due_at = now() where aspect = 'container'`);
    for (const site of sites) await until(site, 'ContainerGone');
    expect(host.simulator.control.containers()).toEqual([]);
    await stop();
  });

  test('goes on where a worker before it was stopped', async () => {
    const site = await orderSite(host);
    const stop = await startWorker();
    await stop();
    const stopAgain = await startWorker();
    await until(site, 'Healthy');
    await stopAgain();
  });
});
