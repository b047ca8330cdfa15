import { randomUUID } from 'node:crypto';
import { systemClock } from '@berth/shared/runtime/clock';
import { type CollectDeps, collectLines } from '@berth/shared/runtime/lines/collect-lines';
import { silentLog } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { ensureLogPartitions } from '@berth/shared/store/log-partitions';
import { readLastLines } from '@berth/shared/store/read-site-logs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeDockerLogs } from '../adapters/docker-logs.ts';
import { labels } from '../reconcile/container-access.ts';
import { type ContainerHost, startContainerHost } from '../testing/container-host.ts';
import { makeContainerLines } from './container-lines.ts';

const patient = { timeout: 60_000, interval: 30 };

describe('the lines of containers', () => {
  let host: ContainerHost;
  let db: Database;
  const running: { stop(): Promise<void> }[] = [];

  beforeEach(async () => {
    host = await startContainerHost();
    db = host.db;
    await ensureLogPartitions(db);
    await new Promise((resolve, reject) => {
      host.docker.pull('berth-demo/site:1', (error: Error | null, stream: NodeJS.ReadableStream) =>
        error ? reject(error) : host.docker.modem.followProgress(stream, resolve),
      );
    });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
    await host.stop();
  });

  function collect(owner = 'one', more: Partial<CollectDeps> = {}) {
    const collecting = collectLines({
      db,
      clock: systemClock,
      log: silentLog,
      hostId: host.id,
      owner,
      source: makeContainerLines(makeDockerLogs(host.docker), silentLog),
      mask: async (lines) => lines.map((one) => ({ ...one, line: one.line.replaceAll('licence-1234', '[redacted]') })),
      siteBytes: 1e7,
      everyMs: 20,
      ...more,
    });
    running.push(collecting);
    return collecting;
  }
  async function startSite(name: string, siteId: string = randomUUID()): Promise<string> {
    const container = await host.docker.createContainer({
      name,
      Image: 'berth-demo/site:1',
      Labels: { [labels.site]: siteId, [labels.placement]: randomUUID() },
    });
    await container.start();
    return siteId;
  }
  const linesOf = async (siteId: string) =>
    (await readLastLines(db, siteId, undefined, {}, 1000)).map(({ line }) => line);
  const write = (name: string, line: string, to?: 'stderr') => host.simulator.control.writeLine(name, line, to);

  test('are written down as they come, with their stream, and nothing of a licence key', async () => {
    const site = await startSite('customer-a');
    collect();
    await expect.poll(() => linesOf(site), patient).toEqual(['listening on :3000']);
    write('customer-a', 'key is licence-1234', 'stderr');
    await expect.poll(() => linesOf(site), patient).toEqual(['listening on :3000', 'key is [redacted]']);
    const [, second] = await readLastLines(db, site, undefined, {}, 10);
    expect(second).toMatchObject({ stream: 'stderr', source: 'container' });
    expect(await readLastLines(db, site, undefined, { search: 'LISTENING' }, 10)).toHaveLength(1);
  });

  test('are neither lost nor written twice when the collector is started anew, or another takes over', async () => {
    const site = await startSite('customer-a');
    const expected = ['listening on :3000'];
    for (let round = 0; round < 5; round += 1) {
      const collecting = collect(`owner-${round}`);
      for (let n = 0; n < 20; n += 1) {
        expected.push(`line ${round}.${n}`);
        write('customer-a', `line ${round}.${n}`);
        if (n === 10 && round % 2 === 0) await collecting.stop();
      }
      await collecting.stop();
    }
    collect('the last');
    await expect.poll(async () => (await linesOf(site)).length, patient).toBe(expected.length);
    expect(await linesOf(site)).toEqual(expected);
  });

  test('are read by one process of two', async () => {
    const site = await startSite('customer-a');
    collect('one');
    collect('two');
    for (let n = 0; n < 50; n += 1) write('customer-a', `line ${n}`);
    await expect.poll(async () => (await linesOf(site)).length, patient).toBe(51);
    await systemClock.wait(200);
    expect(await linesOf(site)).toHaveLength(51);
  });

  test('survive the container, and go on with the next one of the same site', async () => {
    const site = await startSite('customer-a');
    collect();
    write('customer-a', 'last words');
    await host.docker.getContainer('customer-a').kill();
    await expect.poll(() => linesOf(site), patient).toEqual(['listening on :3000', 'last words', 'exited with 137']);
    await host.docker.getContainer('customer-a').remove();
    await startSite('customer-a', site);
    await expect.poll(async () => (await linesOf(site)).length, patient).toBe(4);
  });

  test('are written down many at a time, those of several sites together', async () => {
    const sites = [await startSite('customer-a'), await startSite('customer-b')];
    for (let n = 0; n < 250; n += 1) for (const name of ['customer-a', 'customer-b']) write(name, `line ${n}`);
    let writes = 0;
    const noting: Database = {
      ...db,
      run: (statement, values) => {
        if (statement.name === 'site-logs-write') writes += 1;
        return db.run(statement, values);
      },
    };
    collect('one', { db: noting, everyMs: 500 });
    for (const site of sites) await expect.poll(async () => (await linesOf(site)).length, patient).toBe(251);
    expect(writes).toBeLessThanOrEqual(20);
  });

  test('wait while the database is away, and come afterwards', async () => {
    const site = await startSite('customer-a');
    collect();
    await expect.poll(async () => (await linesOf(site)).length, patient).toBe(1);
    await db.pool.query('alter table site_logs rename to site_logs_away');
    write('customer-a', 'while it was away');
    await systemClock.wait(150);
    await db.pool.query('alter table site_logs_away rename to site_logs');
    await expect.poll(() => linesOf(site), patient).toEqual(['listening on :3000', 'while it was away']);
  });

  test('are left out, and counted, where a site writes too many', async () => {
    const site = await startSite('customer-a');
    const other = await startSite('customer-b');
    collect('one', { rate: { burstBytes: 100, bytesPerSecond: 1 } });
    for (let n = 0; n < 40; n += 1) write('customer-a', `0123456789`);
    write('customer-b', 'quiet');
    await expect.poll(() => linesOf(site), patient).toContainEqual(expect.stringMatching(/^\d+ lines left out/));
    await expect.poll(() => linesOf(other), patient).toContain('quiet');
    expect((await linesOf(site)).filter((line) => line === '0123456789').length).toBeLessThan(10);
  });

  test('of a site are deleted, the oldest first, where they are more than it may have', async () => {
    const site = await startSite('customer-a');
    collect('one', { siteBytes: 1000 });
    for (let n = 0; n < 30; n += 1) {
      for (let m = 0; m < 10; m += 1) write('customer-a', `line ${String(10 * n + m).padStart(5, '0')}`);
      await systemClock.wait(10);
    }
    await expect.poll(async () => (await linesOf(site)).at(-1), patient).toBe('line 00299');
    write('customer-a', 'the end');
    await expect.poll(async () => (await linesOf(site)).at(-1), patient).toBe('the end');
    await expect.poll(async () => (await linesOf(site)).join('').length, patient).toBeLessThanOrEqual(1000);
  });
});
