import { requestRestart } from '@berth/shared/store/request-changes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSiteHost, type SiteHost } from '../../../services/container-worker/src/testing/container-host.ts';
import {
  look,
  lookUntil,
  numbersOf,
  orderSite,
  type PlacedSite,
} from '../../../services/container-worker/src/testing/placed-site.ts';
import { askSite } from '../engine/ask-site.ts';
import { killProcess, processes, wordsOf } from '../engine/processes.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';

let engine: Engine;
let host: SiteHost;

beforeAll(async () => {
  engine = await startEngine();
  await importSiteImages(engine.docker, 'berth-test/site:1');
  host = await openSiteHost(engine.docker);
});
afterAll(async () => {
  await host.stop();
  await engine.stop();
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const order = () => orderSite(host, { image: 'berth-test/site:1' });
const answer = async (site: PlacedSite) => {
  const { port } = await numbersOf(host, site);
  // While nobody carries the port an answer may never come: then it's asked for anew.
  return askSite(port, 10_000).then(
    (response) => response.text(),
    () => 'nothing',
  );
};

/** The daemon ends after `ms`, is away for a moment and comes back, while the site is looked at without a pause. */
async function lookWhileDaemonGoes(site: PlacedSite, signal: NodeJS.Signals, ms: number): Promise<string[]> {
  const reasons: string[] = [];
  let isBack = false;
  const daemon = (async () => {
    await wait(ms);
    await engine.daemon.end(signal);
    await wait(100);
    await engine.daemon.start();
  })().finally(() => {
    isBack = true;
  });
  while (!isBack) {
    const { reason } = await look(host, site);
    if (reasons.at(-1) !== reason) reasons.push(reason);
    await wait(5);
  }
  await daemon;
  return reasons;
}

describe('a daemon that goes away in the middle', () => {
  // While it ends it still takes calls, and does half of what they ask: moments that follow each other closely meet all of it.
  const moments = [0, 60, 120, 200, 300, 450, 700];

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'by %s: every site answers once it is back',
    { timeout: 600_000 },
    async (signal) => {
      for (const ms of moments) {
        const site = await order();
        const reasons = await lookWhileDaemonGoes(site, signal, ms);
        await lookUntil(host, site, 'Healthy');
        const said = `${signal} after ${ms} ms: ${reasons.join(' ')}`;
        await expect.poll(() => answer(site), { message: said, timeout: 60_000 }).toBe('berth-test/site:1\n');
        await lookUntil(host, site, 'Healthy');
        const filters = { label: [`berth.site=${site.siteId}`] };
        expect(await engine.docker.listContainers({ all: true, filters }), said).toHaveLength(1);
      }
    },
  );
});

describe('a site that runs', () => {
  test('goes on while the daemon is away, and its port answers again when it is back', async () => {
    const site = await order();
    await lookUntil(host, site, 'Healthy');
    const before = await engine.docker.getContainer(site.name).inspect();
    await engine.daemon.end();
    // Who carries its port ends a moment after the daemon.
    await expect.poll(() => answer(site), { timeout: 60_000 }).toBe('nothing');
    expect(await lookUntil(host, site, 'DockerUnavailable')).toMatchObject({ status: 'unknown' });
    await engine.daemon.start();
    await lookUntil(host, site, 'Healthy');
    await expect.poll(() => answer(site), { timeout: 60_000 }).toBe('berth-test/site:1\n');
    const after = await engine.docker.getContainer(site.name).inspect();
    expect(after.State).toMatchObject({ Pid: before.State.Pid, StartedAt: before.State.StartedAt });
  });

  test('is not called healthy when its port is lost, whatever the daemon says, and a restart brings it back', async () => {
    const site = await order();
    await lookUntil(host, site, 'Healthy');
    const { port } = await numbersOf(host, site);
    killProxyOf(port);
    await expect.poll(() => answer(site), { timeout: 60_000 }).toBe('nothing');
    expect((await engine.docker.getContainer(site.name).inspect()).State.Running).toBe(true);
    expect((await look(host, site)).reason).not.toBe('Healthy');
    await requestRestart(host.db, site.key, 'container', site.by());
    await lookUntil(host, site, 'Healthy');
    expect(await answer(site)).toBe('berth-test/site:1\n');
  });
});

/** Ends the process that carries a published port, as the kernel does when memory runs out. */
function killProxyOf(port: number): void {
  const isProxy = (pid: number) => {
    const words = wordsOf(pid);
    return words[0]?.endsWith('docker-proxy') && words.includes(String(port));
  };
  for (const pid of processes().filter(isProxy)) killProcess(pid);
}
