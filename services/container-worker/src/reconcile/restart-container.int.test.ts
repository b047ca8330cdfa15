import { requestRestart } from '@berth/shared/store/request-changes';
import { makeEffects } from '@berth/shared/testing/effects';
import { stillWork } from '@berth/shared/testing/still-work';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { look, lookUntil, orderSite, type PlacedSite, rows } from '../testing/placed-site.ts';
import { makeReconcileContainer } from './reconcile-container.ts';

describe('a restart that was asked for', () => {
  let host: ContainerHost;
  let site: PlacedSite;

  beforeAll(async () => {
    host = await startContainerHost();
  });
  afterAll(() => host.stop());
  beforeEach(async () => {
    site = await orderSite(host);
    await lookUntil(host, site, 'Healthy');
  });

  const ask = () => requestRestart(host.db, site.key, 'container', site.by());
  const run = async () => {
    const { Id, State } = await host.docker.getContainer(site.name).inspect();
    return `${Id}@${State.StartedAt}`;
  };
  const restart = async () =>
    (
      await rows<{ started: number; from: string | null; done: number }>(
        host,
        `select container_restart_started as started, container_restart_from as from, container_restart_done as done
        from placements where id = $1`,
        [site.placementId],
      )
    )[0];
  /** how often the container was started so far */
  const starts = async () => {
    const events = await host.docker.getEvents({
      since: 0,
      until: Math.floor(Date.now() / 1000),
      filters: { container: [site.name], event: ['start'] },
    });
    let text = '';
    for await (const chunk of events) text += String(chunk);
    return text.split('\n').filter(Boolean).length;
  };
  const settle = async () => {
    await lookUntil(host, site, 'Healthy');
    await look(host, site);
    await look(host, site);
  };

  test('happens exactly once', async () => {
    const before = await run();
    await ask();
    await settle();
    expect(await run()).not.toBe(before);
    expect(await starts()).toBe(2);
    expect(await restart()).toEqual({ started: 1, from: before, done: 1 });
  });

  test('happens once for several that were asked for before it was begun', async () => {
    await ask();
    await ask();
    await settle();
    expect(await starts()).toBe(2);
    expect(await restart()).toMatchObject({ started: 2, done: 2 });
  });

  test('happens again when it is asked for again', async () => {
    await ask();
    await settle();
    await ask();
    await settle();
    expect(await starts()).toBe(3);
    expect(await restart()).toMatchObject({ started: 2, done: 2 });
  });

  test('happens once, also when the worker dies between writing down what ran and restarting it', async () => {
    const before = await run();
    await ask();
    const dying = {
      ...host.deps(),
      containers: { ...host.deps().containers, restart: () => Promise.reject(new Error('dead')) },
    };
    const reconcile = makeReconcileContainer(dying);
    await expect(reconcile(stillWork('container', site.siteId, site.placementId))).rejects.toThrow('dead');
    expect(await restart()).toEqual({ started: 1, from: before, done: 0 });
    await settle();
    expect(await starts()).toBe(2);
    expect(await restart()).toMatchObject({ started: 1, done: 1 });
  });

  test('happens once, also when the answer to it is lost', async () => {
    await ask();
    const effects = makeEffects({ at: 1, kind: 'killed' });
    const reconcile = makeReconcileContainer(host.deps(effects));
    await expect(reconcile(stillWork('container', site.siteId, site.placementId))).rejects.toThrow('killed');
    await settle();
    expect(effects.names).toEqual(['restart']);
    expect(await starts()).toBe(2);
  });

  test('is fulfilled when the container has restarted by itself meanwhile', async () => {
    const before = await run();
    await ask();
    const dying = {
      ...host.deps(),
      containers: { ...host.deps().containers, restart: () => Promise.reject(new Error('dead')) },
    };
    await makeReconcileContainer(dying)(stillWork('container', site.siteId, site.placementId)).catch(() => undefined);
    host.simulator.control.killContainer(site.name);
    await expect.poll(run).not.toBe(before);
    await settle();
    expect(await starts()).toBe(2);
    expect(await restart()).toMatchObject({ started: 1, from: before, done: 1 });
  });

  test('is fulfilled by the start of a container that does not run', async () => {
    await host.docker.getContainer(site.name).stop();
    await ask();
    await settle();
    expect(await starts()).toBe(2);
    expect(await restart()).toMatchObject({ started: 1, done: 1 });
  });

  test('takes its time from Docker alone: the one that runs is stopped, and started under the same id', async () => {
    const before = await run();
    await ask();
    await settle();
    expect((await run()).split('@')[0]).toBe(before.split('@')[0]);
  });
});
