import { systemClock } from '@berth/shared/runtime/clock';
import { collectLines } from '@berth/shared/runtime/lines/collect-lines';
import { makeMaskSecrets } from '@berth/shared/runtime/lines/mask-secrets';
import { silentLog } from '@berth/shared/runtime/log';
import { ensureLogPartitions } from '@berth/shared/store/log-partitions';
import { readLastLines } from '@berth/shared/store/read-site-logs';
import { findSiteIds } from '@berth/shared/store/site-logs';
import { makeSystemdJournal } from '@berth/tunnel-worker/adapters/systemd-journal';
import { makeJournalLines } from '@berth/tunnel-worker/logs/journal-lines';
import type { ConnectorStand } from '@berth/tunnel-worker/testing/connector-stand';
import { lookUntil } from '@berth/tunnel-worker/testing/look-until';
import type { ConnectorHost } from '@berth/tunnel-worker/testing/stage';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { processes, wordsOf } from '../engine/processes.ts';
import { openSystemdStage, type SystemdStage } from './systemd-stage.ts';

type Site = ConnectorStand<ConnectorHost>;

const patient = { timeout: 60_000, interval: 100 };

let stage: SystemdStage;
let site: Site;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  stage = await openSystemdStage();
  await ensureLogPartitions(stage.db);
  site = await stage.addSite();
  await lookUntil(site.look);
});
afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));
afterAll(() => stage?.close());

const run = (...command: [string, ...string[]]) => stage.machine.run(...command);

/** Another one each time, as after a start of the worker. */
function collect(owner: string) {
  const { db, vault } = stage;
  const { id: hostId, journalctlPath: journalctl, paths } = site.host;
  const journal = makeSystemdJournal({ journalctl, cloudflared: paths.cloudflared });
  const findIds = (keys: readonly string[]) => findSiteIds(db, keys);
  const by = { clock: systemClock, log: silentLog, hostId };
  const source = makeJournalLines({ ...by, journal, findSiteIds: findIds, pauseMs: 200 });
  const mask = makeMaskSecrets({ db, vault });
  const collecting = collectLines({ ...by, db, owner, source, mask, siteBytes: 1e7, everyMs: 100 });
  running.push(collecting);
  return collecting;
}

const linesOf = async ({ site: { siteId } } = site) =>
  (await readLastLines(stage.db, siteId, undefined, { source: 'tunnel' }, 1000)).map(({ line }) => line);
const starts = (lines: string[]) => lines.filter((line) => line.includes('INF Starting tunnel')).length;
/** How many processes read the journal. */
function readers(): number {
  return processes().filter((pid) => {
    const [program, firstWord] = wordsOf(pid);
    return program === '/usr/bin/journalctl' && firstWord === '--follow';
  }).length;
}

describe("a real journal's lines of tunnels", () => {
  test('come with what systemd says of the unit, each once, and as the journal has them', async () => {
    collect('first');
    await expect.poll(linesOf, patient).toContainEqual(expect.stringContaining('Registered tunnel connection'));
    await expect
      .poll(linesOf, patient)
      .toContainEqual(expect.stringMatching(/^Started .*Cloudflare Tunnel for Customer/));
    // The connector goes on writing: what the journal has is asked for anew each time.
    await vi.waitFor(async () => {
      const { stdout } = await run('journalctl', '--quiet', '--output=cat', `--unit=${site.unit}`);
      expect(await linesOf()).toEqual(stdout.split('\n'));
    }, patient);
  });

  test('come from units that are there later, by one reader for all', async () => {
    collect('for all');
    await expect.poll(readers, patient).toBe(1);
    const second = await stage.addSite();
    await lookUntil(second.look);
    await expect.poll(() => linesOf(second), patient).toContainEqual(expect.stringContaining('Registered tunnel'));
    // That of a test before may have been the one that was seen first: it ends a little after its worker.
    await expect.poll(readers, patient).toBe(1);
  });

  test('are neither lost nor written twice, whatever starts anew: unit, worker, journal', async () => {
    const before = starts(await linesOf());
    const worker = collect('before');
    await run('systemctl', 'restart', site.unit);
    await expect.poll(async () => starts(await linesOf()), patient).toBe(before + 1);
    await worker.stop();
    // A signal ends nsenter alone; the reader behind it ends since nobody reads what it says.
    await expect.poll(readers, patient).toBe(0);
    await run('systemctl', 'restart', site.unit);
    await run('systemctl', 'restart', 'systemd-journald');
    collect('after');
    await run('systemctl', 'restart', site.unit);
    await expect.poll(async () => starts(await linesOf()), patient).toBe(before + 3);
    // The connector goes on writing: what the journal has is asked for anew each time.
    await vi.waitFor(async () => {
      const { stdout } = await run('journalctl', '--quiet', '--output=cat', `--unit=${site.unit}`);
      expect(await linesOf()).toEqual(stdout.split('\n'));
    }, patient);
  });

  test('go on where the journal dropped what it had', async () => {
    const worker = collect('before');
    const had = (await linesOf()).length;
    await worker.stop();
    await run('journalctl', '--rotate', '--vacuum-size=1');
    await run('systemctl', 'restart', site.unit);
    collect('after');
    await expect.poll(async () => starts((await linesOf()).slice(had)), patient).toBe(1);
    await expect.poll(async () => (await linesOf()).slice(had).join('\n'), patient).toMatch(/Stopp.*\n(.*\n)*Started/);
  });
});
