import { createServer } from 'node:http';
import { metricsAddress } from '@berth/shared/domain/slots';
import { requestRestart } from '@berth/shared/store/request-changes';
import type { ConnectorStand } from '@berth/tunnel-worker/testing/connector-stand';
import { lookUntil } from '@berth/tunnel-worker/testing/look-until';
import type { ConnectorHost } from '@berth/tunnel-worker/testing/stage';
import { requester, wantGone } from '@berth/tunnel-worker/testing/stage-site';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSystemdStage, type SystemdStage } from './systemd-stage.ts';

type Site = ConnectorStand<ConnectorHost>;

const within = { timeout: 60_000, interval: 50 };
/** systemd's own scale is from 0 to 10; the option takes tenths */
const EXPOSURE_AT_MOST = '25';
const STRANGER = 12_345;

let stage: SystemdStage;
let site: Site;
beforeAll(async () => {
  stage = await openSystemdStage();
  site = await stage.addSite();
  await lookUntil(site.look);
});
afterAll(() => stage?.close());

const run = (...command: [string, ...string[]]) => stage.machine.run(...command);

async function show(property: string, { unit } = site): Promise<string> {
  return (await run('systemctl', 'show', unit, '--property', property, '--value')).stdout;
}

/** How often the unit has started, once the journal has its latest start: it writes down a little later what a connector says. */
async function starts(): Promise<number> {
  const latest = async () =>
    (await run('journalctl', '--quiet', '--output=cat', `_SYSTEMD_INVOCATION_ID=${await show('InvocationID')}`)).stdout;
  await expect.poll(latest, within).toContain('INF Starting tunnel');
  return site.starts();
}

const connections = async ({ site: { key } } = site) =>
  (await stage.simulator.control.listTunnels()).find(({ name }) => name === `customer-${key}`)?.connections;

/** Fields of the connector's process, as the kernel has them. */
async function processStatus(): Promise<Record<string, string>> {
  const { stdout } = await run('cat', `/proc/${await show('MainPID')}/status`);
  return Object.fromEntries(stdout.split('\n').map((line) => line.split(':\t')));
}

/** Whether a user of that number can read a file. */
async function canRead(file: string, uid: number): Promise<boolean> {
  const as = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups', 'cat', file];
  return (await run('setpriv', ...as)).exitCode === 0;
}

describe("a connector's unit", () => {
  test('has nothing that systemd warns of', async () => {
    expect(await run('systemd-analyze', 'verify', site.unit)).toEqual({ stdout: '', stderr: '', exitCode: 0 });
  });

  test('is exposed 2.5 of 10 at most', async () => {
    const limit = [`--threshold=${EXPOSURE_AT_MOST}`, '--offline=true', '--no-pager'];
    const { exitCode, stdout } = await run('systemd-analyze', 'security', ...limit, site.unit);
    expect(stdout).toMatch(/Overall exposure level for \S+: \d/);
    expect(exitCode).toBe(0);
  });

  test('is active when it is connected, and tells the journal', async () => {
    expect(await show('ActiveState')).toBe('active');
    expect(await connections()).toBeGreaterThan(0);
    const journal = async () => (await run('journalctl', '-u', site.unit)).stdout;
    await expect.poll(journal, within).toContain('Registered tunnel connection');
  });

  test('runs without privileges, as a user of its own', async () => {
    const status = await processStatus();
    expect(status).toMatchObject({ NoNewPrivs: '1', Seccomp: '2', CapBnd: '0'.repeat(16), CapEff: '0'.repeat(16) });
    expect(Number(status.Uid?.split('\t')[0])).toBeGreaterThan(1000);
  });

  test('has credentials that its user alone can read', async () => {
    const own = Number((await processStatus()).Uid?.split('\t')[0]);
    const { credentials } = await site.wanted();
    expect(await canRead(credentials.path, own)).toBe(false);
    const copies = `/run/${site.unit.replace('.service', '')}`;
    for (const file of ['json', 'yml'].map((end) => `${copies}/customer-${site.site.key}.${end}`)) {
      expect([await canRead(file, own), await canRead(file, STRANGER)]).toEqual([true, false]);
    }
    const { stdout } = await run('cat', `${copies}/customer-${site.site.key}.json`);
    expect(stdout).toBe(credentials.content.trim());
  });

  test('comes back by itself when its process is killed', async () => {
    const before = await show('InvocationID');
    await run('systemctl', 'kill', '--kill-whom=main', '--signal=SIGKILL', site.unit);
    await expect.poll(() => show('NRestarts'), within).toBe('1');
    await expect.poll(() => show('ActiveState'), within).toBe('active');
    expect(await show('InvocationID')).not.toBe(before);
    expect(await lookUntil(site.look)).toMatchObject({ kind: 'settled', reason: 'Connected' });
    expect(await show('NRestarts')).toBe('1');
  });

  test('is restarted once for a restart that is wanted', async () => {
    const before = await starts();
    await requestRestart(stage.db, site.site.key, 'tunnel', requester(stage));
    await lookUntil(site.look);
    await lookUntil(site.look);
    expect(await starts()).toBe(before + 1);
  });

  test('may be restarted by hand, under its name without .service, which is seen and left alone', async () => {
    const name = `cloudflared-customer-${site.site.key}`;
    expect((await run('systemctl', 'restart', name)).exitCode).toBe(0);
    const byHand = await show('InvocationID');
    const before = await starts();
    expect(await lookUntil(site.look)).toMatchObject({ status: 'true', reason: 'Connected' });
    expect([await show('InvocationID'), await starts()]).toEqual([byHand, before]);
    const journal = async () => (await run('journalctl', '-u', name, '--output=cat', '--no-pager')).stdout;
    const registered = async () => (await journal()).match(/Registered tunnel connection/g)?.length;
    await expect.poll(registered, within).toBeGreaterThan(1);
  });

  test('is never given up while a stranger holds its metrics address', async () => {
    const late = await stage.addSite();
    const [host, port] = metricsAddress(late.placement.slot).split(':');
    const stranger = createServer((_, response) => response.end('{}'));
    await new Promise<void>((resolve) => stranger.listen(Number(port), host, resolve));
    await lookUntil(late.look, 'ConnectingToEdge');
    await expect.poll(async () => Number(await show('NRestarts', late)), within).toBeGreaterThan(1);
    expect(await show('ActiveState', late)).toBe('activating');
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
    expect(await lookUntil(late.look)).toMatchObject({ status: 'true', reason: 'Connected' });
  });

  test('leaves no file, process or unit behind, and the other connectors alone', async () => {
    const leaver = await stage.addSite();
    await lookUntil(leaver.look);
    const process = `/proc/${await show('MainPID', leaver)}`;
    await wantGone(stage, leaver.site);
    expect(await lookUntil(leaver.look)).toMatchObject({ kind: 'gone' });
    expect(await show('LoadState', leaver)).toBe('not-found');
    const named = `*customer-${leaver.site.key}*`;
    const places = ['/etc/systemd/system', '/run', site.host.paths.configDir];
    expect((await run('find', ...places, '-name', named)).stdout).toBe('');
    expect((await run('ls', '-d', process)).exitCode).not.toBe(0);
    await expect.poll(() => connections(leaver), within).toBe(0);
    expect(await show('ActiveState')).toBe('active');
  });
});
