import { readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSystemdBench, type SystemdBench, unitOf } from '../testing/systemd-bench.ts';

const within = { timeout: 60_000 };
/** cloudflared ends at once: no rule for the rest */
const broken = 'ingress:\n  - hostname: a.de\n    service: http://localhost:1\n';

let bench: SystemdBench;

const systemctl = (...words: string[]) => bench.systemctl(...words);
const shown = (id: string, ...names: string[]) => bench.properties(id, ...names);

beforeEach(() => {
  bench = openSystemdBench();
});

afterEach(() => bench.close());

describe('a simulated unit', () => {
  test('is active at the fork with Type=simple, even where the program dies at once', async () => {
    bench.writeTunnel('a', { yaml: broken, more: 'RestartSec=1h\n' });
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ stderr: '', exitCode: 0 });
    await expect
      .poll(() => systemctl('is-active', unitOf('a')), within)
      .toMatchObject({
        stdout: 'activating',
        exitCode: 3,
      });
    expect(await shown('a', 'SubState', 'Result', 'NRestarts', 'ExecMainStatus', 'MainPID')).toEqual({
      SubState: 'auto-restart',
      Result: 'exit-code',
      NRestarts: '0',
      ExecMainStatus: '1',
      MainPID: '0',
    });
  });

  test.each([
    ['a credential is missing', '243', () => rmSync(join(bench.tunnelDir, 'customer-a.json'))],
    ['the program is missing', '203', () => rmSync(bench.systemd.cloudflaredPath, { force: true })],
  ])('fails after the fork with Type=simple and before it with Type=notify where %s', async (_what, status, spoil) => {
    bench.writeTunnel('a', { more: 'Restart=no\n' });
    spoil();
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect(await shown('a', 'ActiveState', 'ExecMainStatus')).toEqual({
      ActiveState: 'failed',
      ExecMainStatus: status,
    });
    bench.writeTunnel('a', { type: 'notify', more: 'Restart=no\n' });
    spoil();
    await systemctl('daemon-reload');
    expect(await systemctl('start', unitOf('a'))).toMatchObject({
      stderr: expect.stringContaining('control process exited with error code'),
      exitCode: 1,
    });
  });

  test('shows the signal that killed it until it is started again', async () => {
    bench.writeTunnel('a', { more: 'RestartSec=5s\n' });
    await systemctl('start', unitOf('a'));
    const before = await shown('a', 'InvocationID', 'MainPID');
    bench.systemd.control.killUnit(unitOf('a'));
    expect(
      await shown('a', 'ActiveState', 'SubState', 'Result', 'NRestarts', 'ExecMainCode', 'ExecMainStatus'),
    ).toEqual({
      ActiveState: 'activating',
      SubState: 'auto-restart',
      Result: 'signal',
      NRestarts: '0',
      ExecMainCode: '2',
      ExecMainStatus: '9',
    });
    await expect
      .poll(() => shown('a', 'ActiveState', 'SubState', 'Result', 'NRestarts'), within)
      .toEqual({
        ActiveState: 'active',
        SubState: 'running',
        Result: 'success',
        NRestarts: '1',
      });
    const after = await shown('a', 'InvocationID', 'MainPID');
    expect(after.InvocationID).not.toBe(before.InvocationID);
    expect(after.MainPID).not.toBe(before.MainPID);
  });

  test('is given up after five starts in ten seconds, until its failure is reset', async () => {
    bench.writeTunnel('a', { yaml: broken, more: 'RestartSec=10ms\n' });
    await systemctl('start', unitOf('a'));
    await expect.poll(async () => (await systemctl('is-active', unitOf('a'))).stdout, within).toBe('failed');
    expect(await shown('a', 'NRestarts', 'Result')).toEqual({ NRestarts: '5', Result: 'exit-code' });
    const journal = bench.systemd.control.journal(unitOf('a')).join('\n');
    expect(journal).toContain('requires the ID or name of the tunnel');
    expect(journal).toContain('Start request repeated too quickly');
    bench.writeTunnel('a', { more: 'RestartSec=10ms\n' });
    await systemctl('daemon-reload');
    expect(await systemctl('start', unitOf('a'))).toMatchObject({
      stderr: expect.stringContaining('start of the service was attempted too often'),
      exitCode: 1,
    });
    expect(await systemctl('reset-failed', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect((await shown('a', 'NRestarts')).NRestarts).toBe('0');
  });

  test('is started for ever without a start limit, which stands in [Unit]', async () => {
    const more = 'RestartSec=5ms\n';
    bench.writeTunnel('a', { yaml: broken, more, unit: 'StartLimitIntervalSec=0\n' });
    bench.writeTunnel('b', { yaml: broken, more: `${more}StartLimitIntervalSec=0\n` });
    await systemctl('start', unitOf('a'), unitOf('b'));
    await expect.poll(async () => Number((await shown('a', 'NRestarts')).NRestarts), within).toBeGreaterThan(12);
    await expect.poll(async () => (await systemctl('is-active', unitOf('b'))).stdout, within).toBe('failed');
    await systemctl('stop', unitOf('a'));
    expect(await shown('a', 'ActiveState', 'LoadState')).toEqual({ LoadState: 'loaded', ActiveState: 'inactive' });
  });

  test('is not started truly with Type=notify when it ends well before it is ready', async () => {
    bench.edge.down = true;
    bench.writeTunnel('a', { type: 'notify', more: 'Restart=no\n' });
    const started = systemctl('start', unitOf('a'));
    await expect.poll(() => systemctl('is-active', unitOf('a')), within).toMatchObject({ stdout: 'activating' });
    await systemctl('kill', unitOf('a'));
    expect(await started).toMatchObject({
      stderr: expect.stringContaining('did not take the steps required by its unit configuration'),
      exitCode: 1,
    });
    expect(await shown('a', 'ActiveState', 'Result')).toEqual({ ActiveState: 'failed', Result: 'protocol' });
  });

  test('goes round with Type=notify while the edge is down', async () => {
    bench.edge.down = true;
    bench.writeTunnel('a', { type: 'notify', more: 'TimeoutStartSec=100ms\nRestartSec=1h\n' });
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ exitCode: 1 });
    expect(await shown('a', 'ActiveState', 'SubState', 'Result')).toEqual({
      ActiveState: 'activating',
      SubState: 'auto-restart',
      Result: 'timeout',
    });
    expect(await systemctl('stop', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect((await systemctl('is-active', unitOf('a'))).stdout).toBe('inactive');
  });

  test('ends a start that waits when it is stopped meanwhile', async () => {
    bench.edge.down = true;
    bench.writeTunnel('a', { type: 'notify', more: 'TimeoutStartSec=0\n' });
    const started = systemctl('start', unitOf('a'));
    await expect.poll(() => systemctl('is-active', unitOf('a')), within).toMatchObject({ stdout: 'activating' });
    await systemctl('stop', unitOf('a'));
    expect(await started).toMatchObject({ stderr: expect.stringContaining('canceled'), exitCode: 1 });
  });
});

describe('the simulated systemctl', () => {
  test('answers for what is not there with the statuses of systemd', async () => {
    const ghost = 'ghost.service';
    const calls: [words: string, exitCode: number, text: string][] = [
      ['is-active ghost', 3, 'inactive'],
      ['is-failed ghost', 1, 'inactive'],
      ['is-enabled ghost', 1, `Failed to get unit file state for ${ghost}: No such file or directory`],
      [
        'show ghost -p LoadState,ActiveState,UnitFileState',
        0,
        'LoadState=not-found\nActiveState=inactive\nUnitFileState=',
      ],
      ['stop ghost', 5, `Failed to stop ${ghost}: Unit ${ghost} not loaded.`],
      ['start ghost', 5, `Failed to start ${ghost}: Unit ${ghost} not found.`],
      ['restart ghost', 5, `Failed to restart ${ghost}: Unit ${ghost} not found.`],
      ['enable ghost', 1, `Failed to enable unit: Unit file ${ghost} does not exist.`],
      ['enable --no-reload ghost', 1, `Failed to enable unit: Unit file ${ghost} does not exist.`],
      ['disable ghost', 1, `Failed to disable unit: Unit file ${ghost} does not exist.`],
      ['reset-failed ghost', 1, `Failed to reset failed state of unit ${ghost}: Unit ${ghost} not loaded.`],
      ['kill ghost', 1, `Failed to kill unit ${ghost}: Unit ${ghost} not loaded.`],
      ['status ghost', 4, `Unit ${ghost} could not be found.`],
      ['cat ghost', 1, `No files found for ${ghost}.`],
      ['start', 1, 'Too few arguments.'],
      ['nonsense', 1, 'Unknown command verb nonsense.'],
    ];
    for (const [words, exitCode, text] of calls) {
      const called = await systemctl(...words.split(' '));
      expect([words, called.exitCode, called.stdout + called.stderr]).toEqual([words, exitCode, text]);
    }
  });

  test('escapes strange names and does not leave its directory for them', async () => {
    writeFileSync(join(bench.root, 'outside.service'), '[Service]\nExecStart=/bin/true\n');
    expect(await systemctl('show', '../outside', '-p', 'Id,LoadState')).toMatchObject({
      stdout: 'Id=..-outside.service\nLoadState=not-found',
    });
    expect((await systemctl('show', 'a b', '-p', 'Id')).stdout).toBe('Id=a\\x20b.service');
    expect(await systemctl('stop', 'a;b')).toMatchObject({ exitCode: 5 });
  });

  test('prints properties in its own order and units with a blank line between', async () => {
    bench.writeTunnel('a', {});
    const { stdout } = await systemctl('show', unitOf('a'), 'ghost', '-p', 'SubState,NRestarts', '-p', 'Id');
    expect(stdout).toBe(
      `NRestarts=0\nId=${unitOf('a')}\nSubState=dead\n\nNRestarts=0\nId=ghost.service\nSubState=dead`,
    );
    expect((await systemctl('show', unitOf('a'), '-p', 'SubState,Id', '--value')).stdout).toBe(`${unitOf('a')}\ndead`);
  });

  test('enables without a reload, and reloads where it is not told otherwise', async () => {
    bench.writeTunnel('a', {});
    await systemctl('enable', '--no-reload', unitOf('a'));
    expect(bench.systemd.control.reloads()).toBe(0);
    expect(readdirSync(join(bench.unitDir, 'multi-user.target.wants'))).toEqual([unitOf('a')]);
    expect(await systemctl('enable', '--no-reload', unitOf('a'))).toMatchObject({ stderr: '', exitCode: 0 });
    await systemctl('disable', '--no-reload', unitOf('a'));
    expect(bench.systemd.control.reloads()).toBe(0);
    expect(await systemctl('disable', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect(bench.systemd.control.reloads()).toBe(1);
    await systemctl('enable', unitOf('a'));
    expect(bench.systemd.control.reloads()).toBe(2);
  });

  test('says of what it holds whether it is enabled as when it was first asked, until a reload', async () => {
    const said = async () => (await shown('a', 'UnitFileState')).UnitFileState;
    bench.writeTunnel('a', {});
    expect(await said()).toBe('disabled');
    await systemctl('enable', '--no-reload', unitOf('a'));
    expect(await said()).toBe('enabled');
    await systemctl('start', unitOf('a'));
    expect(await said()).toBe('enabled');
    await systemctl('disable', '--no-reload', unitOf('a'));
    expect(await said()).toBe('enabled');
    expect((await systemctl('is-enabled', unitOf('a'))).stdout).toBe('disabled');
    await systemctl('daemon-reload');
    expect(await said()).toBe('disabled');
  });

  test('knows a unit that a link to nothing masks, and refuses to start it', async () => {
    symlinkSync('/dev/null', join(bench.unitDir, unitOf('a')));
    expect(await shown('a', 'LoadState', 'UnitFileState')).toEqual({ LoadState: 'masked', UnitFileState: 'masked' });
    expect(await systemctl('start', unitOf('a'))).toMatchObject({
      stderr: expect.stringContaining('is masked.'),
      exitCode: 1,
    });
  });

  test('keeps what runs when its file is gone, and forgets it once it was stopped', async () => {
    bench.writeTunnel('a', {});
    await systemctl('start', unitOf('a'));
    rmSync(join(bench.unitDir, unitOf('a')));
    expect(await shown('a', 'LoadState', 'NeedDaemonReload')).toEqual({ LoadState: 'loaded', NeedDaemonReload: 'yes' });
    await systemctl('daemon-reload');
    expect(await shown('a', 'LoadState', 'ActiveState')).toEqual({ LoadState: 'not-found', ActiveState: 'active' });
    expect(await systemctl('restart', unitOf('a'))).toMatchObject({ exitCode: 5 });
    expect(await systemctl('stop', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect(await systemctl('stop', unitOf('a'))).toMatchObject({ exitCode: 5 });
    expect(bench.systemd.control.units()).toEqual([]);
  });

  test('keeps a failure whose file is gone until it is reset', async () => {
    bench.writeTunnel('a', { yaml: broken, more: 'Restart=no\n' });
    await systemctl('start', unitOf('a'));
    await expect.poll(async () => (await systemctl('is-failed', unitOf('a'))).stdout, within).toBe('failed');
    rmSync(join(bench.unitDir, unitOf('a')));
    await systemctl('daemon-reload');
    expect(await shown('a', 'LoadState', 'ActiveState')).toEqual({ LoadState: 'not-found', ActiveState: 'failed' });
    const listed = JSON.parse((await systemctl('list-units', '--all', '--output=json')).stdout);
    expect(listed).toMatchObject([{ unit: unitOf('a'), load: 'not-found', active: 'failed' }]);
    expect(await systemctl('reset-failed', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect(await systemctl('reset-failed', unitOf('a'))).toMatchObject({ exitCode: 1 });
  });

  test('refuses a unit with a bad setting', async () => {
    writeFileSync(join(bench.unitDir, unitOf('a')), '[Service]\nType=nonsense\nExecStart=/bin/true\n');
    expect(await systemctl('start', unitOf('a'))).toMatchObject({
      stderr: expect.stringContaining('has a bad unit file setting'),
      exitCode: 1,
    });
    expect((await shown('a', 'LoadState')).LoadState).toBe('bad-setting');
  });
});
