import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@berth/shared/runtime/clock';
import { type CollectDeps, collectLines } from '@berth/shared/runtime/lines/collect-lines';
import { makeMaskSecrets } from '@berth/shared/runtime/lines/mask-secrets';
import { silentLog } from '@berth/shared/runtime/log';
import { ensureLogPartitions } from '@berth/shared/store/log-partitions';
import { readLastLines } from '@berth/shared/store/read-site-logs';
import { findSiteIds } from '@berth/shared/store/site-logs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeSystemdJournal } from '../adapters/systemd-journal.ts';
import { type ConnectorStand, makeConnectorStand } from '../testing/connector-stand.ts';
import { lookUntil } from '../testing/look-until.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { makeJournalLines } from './journal-lines.ts';

const patient = { timeout: 60_000, interval: 30 };

let stage: Stage;
let first: ConnectorStand;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  stage = await openStage();
  await ensureLogPartitions(stage.db);
  first = await makeConnectorStand(stage);
  await lookUntil(first.look);
});
afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));
afterAll(() => stage.close());

function collect(owner = 'one', more: Partial<CollectDeps> = {}, journalctl = first.host.journalctlPath) {
  const { db, vault } = stage;
  const collecting = collectLines({
    db,
    clock: systemClock,
    log: silentLog,
    hostId: first.host.id,
    owner,
    source: makeJournalLines({
      journal: makeSystemdJournal({ journalctl, cloudflared: first.host.paths.cloudflared }),
      hostId: first.host.id,
      findSiteIds: (keys) => findSiteIds(db, keys),
      clock: systemClock,
      log: silentLog,
      pauseMs: 20,
    }),
    mask: makeMaskSecrets({ db, vault }),
    siteBytes: 1e7,
    everyMs: 20,
    ...more,
  });
  running.push(collecting);
  return collecting;
}
const linesOf = async ({ site } = first) =>
  (await readLastLines(stage.db, site.siteId, undefined, { source: 'tunnel' }, 1000)).map(({ line }) => line);
const write = (MESSAGE: string, { unit, host } = first) =>
  host.systemd.control.writeToJournal({ MESSAGE, _SYSTEMD_UNIT: unit, SYSLOG_IDENTIFIER: 'cloudflared', _PID: '7' });
const count = async (text: string) => (await linesOf()).filter((line) => line === text).length;

/** Processes that read the journal of these tests' machine. */
function readers(): number[] {
  const calls = `${path.dirname(first.host.journalctlPath)}/calls/`;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => commandOf(pid).includes(calls));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function killReader(): Promise<void> {
  await expect.poll(readers, patient).toHaveLength(1);
  for (const pid of readers()) process.kill(pid, 'SIGKILL');
}

describe('the lines of tunnels', () => {
  test('are what connectors write, and what systemd says of them, with its stream', async () => {
    collect();
    await expect.poll(linesOf, patient).toContainEqual(expect.stringContaining('Registered tunnel connection'));
    const lines = await readLastLines(stage.db, first.site.siteId, undefined, { search: 'Started Cloudflare' }, 10);
    expect(lines).toMatchObject([{ source: 'tunnel', stream: 'systemd' }]);
  });

  test('hold nothing that the site keeps secret', async () => {
    const { rows } = await stage.db.pool.query('select tunnel_secret_enc as sealed from sites where id = $1', [
      first.site.siteId,
    ]);
    const secret = stage.vault.decrypt(rows[0].sealed).reveal();
    collect();
    write(`using secret ${secret}`);
    await expect.poll(linesOf, patient).toContain('using secret [redacted]');
  });

  test('come from a tunnel that begins later as well, by one process for all', async () => {
    collect();
    await expect.poll(readers, patient).toHaveLength(1);
    const second = await makeConnectorStand(stage, first.host);
    await lookUntil(second.look);
    await expect.poll(() => linesOf(second), patient).toContainEqual(expect.stringContaining('Registered tunnel'));
    expect(readers()).toHaveLength(1);
  });

  test('are nobody else’s: strangers and pretenders are left out', async () => {
    collect();
    const { control } = first.host.systemd;
    control.writeToJournal({
      MESSAGE: 'of a stranger',
      SYSLOG_IDENTIFIER: 'cloudflared',
      _SYSTEMD_UNIT: 'cloudflared.service',
    });
    control.writeToJournal({ MESSAGE: 'pretended', SYSLOG_IDENTIFIER: 'systemd', _PID: '9', UNIT: first.unit });
    control.writeToJournal({
      MESSAGE: 'of nobody',
      SYSLOG_IDENTIFIER: 'cloudflared',
      _SYSTEMD_UNIT: 'cloudflared-customer-nobody.service',
    });
    write('the last');
    await expect.poll(linesOf, patient).toContain('the last');
    const { rows } = await stage.db.pool.query(`select line from site_logs where line ~ 'stranger|pretended|nobody'`);
    expect(rows).toEqual([]);
  });

  test('are neither lost nor written twice when the worker is started anew, the reader dies, or the unit restarts', async () => {
    const expected: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const collecting = collect(`owner-${round}`);
      for (let n = 0; n < 20; n += 1) {
        expected.push(`line ${round}.${n}`);
        write(`line ${round}.${n}`);
        if (n === 9) await expect.poll(() => count(`line ${round}.4`), patient).toBe(1);
        if (n === 10 && round % 2 === 0) await collecting.stop();
        if (n === 10 && round === 1) first.host.systemd.control.killUnit(first.unit);
        if (n === 10 && round === 3) await killReader();
      }
      await collecting.stop();
    }
    collect('the last');
    await expect.poll(() => count('line 3.19'), patient).toBe(1);
    expect((await linesOf()).filter((line) => /^line \d\.\d+$/.test(line))).toEqual(expected);
  });

  test('go on after the journal dropped the place where they were read last', async () => {
    const collecting = collect('before');
    write('kept');
    await expect.poll(() => count('kept'), patient).toBe(1);
    await collecting.stop();
    first.host.systemd.control.vacuumJournal();
    write('the first after it');
    write('the second after it');
    collect('after');
    await expect.poll(() => count('the second after it'), patient).toBe(1);
    expect([await count('the first after it'), await count('kept')]).toEqual([1, 1]);
  });

  test('are read by one process of two, and wait while the database is away', async () => {
    collect('one');
    collect('two');
    await stage.db.pool.query('alter table site_logs rename to site_logs_away');
    write('while it was away');
    await systemClock.wait(150);
    await stage.db.pool.query('alter table site_logs_away rename to site_logs');
    await expect.poll(() => count('while it was away'), patient).toBe(1);
    await systemClock.wait(150);
    expect(await count('while it was away')).toBe(1);
  });

  test('come later where journalctl is missing at first, and no reader stays behind', async () => {
    const collecting = collect('without', {}, '/nowhere/journalctl');
    write('once it is there');
    await systemClock.wait(100);
    expect(await count('once it is there')).toBe(0);
    await collecting.stop();
    const again = collect('with');
    await expect.poll(() => count('once it is there'), patient).toBe(1);
    await again.stop();
    await expect.poll(readers, patient).toEqual([]);
  });
});
