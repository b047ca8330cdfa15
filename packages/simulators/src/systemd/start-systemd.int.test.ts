import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { openSystemdBench, type SystemdBench, tunnelSecret, unitOf } from '../testing/systemd-bench.ts';

const within = { timeout: 60_000 };

let bench: SystemdBench;
const servers: Server[] = [];

const systemctl = (...words: string[]) => bench.systemctl(...words);

async function listen(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ready = async (port: number): Promise<number> =>
  fetch(`http://127.0.0.1:${port}/ready`).then(
    async (response) => {
      await response.text();
      return response.status;
    },
    () => 0,
  );

async function visit(host: string, path: string): Promise<{ status: number; text: string }> {
  const connector = [...bench.edge.connectors.values()][0];
  const port = await listen((request, response) => {
    request.headers.host = host;
    connector?.handle(request, response);
  });
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

beforeEach(() => {
  bench = openSystemdBench();
});

afterEach(() => {
  bench.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('startSystemd', () => {
  test('answers for units that nobody knows as systemd does', async () => {
    expect(await systemctl('is-active', 'nothing')).toMatchObject({ stdout: 'inactive', exitCode: 3 });
    expect(await systemctl('show', 'nothing', '-p', 'LoadState')).toMatchObject({
      stdout: 'LoadState=not-found',
      exitCode: 0,
    });
    expect(await systemctl('stop', 'nothing')).toMatchObject({
      stderr: 'Failed to stop nothing.service: Unit nothing.service not loaded.',
      exitCode: 5,
    });
    expect(await systemctl('start', 'nothing')).toMatchObject({ exitCode: 5 });
    expect(await systemctl('disable', 'nothing')).toMatchObject({
      stderr: 'Failed to disable unit: Unit file nothing.service does not exist.',
      exitCode: 1,
    });
    expect(await systemctl('--version')).toMatchObject({ exitCode: 0 });
    expect((await systemctl('--nonsense')).stderr).toContain("unrecognized option '--nonsense'");
  });

  test('runs a new unit without a reload, from the edge to the origin', async () => {
    const port = await listen((request, response) => response.end(`origin ${request.url}`));
    const metrics = await freePort();
    bench.writeTunnel('a', { port, metrics, type: 'notify' });
    expect(await systemctl('enable', '--no-reload', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect(await systemctl('is-active', unitOf('a'))).toMatchObject({ stdout: 'active', exitCode: 0 });
    expect(bench.systemd.control.reloads()).toBe(0);
    expect(await bench.properties('a', 'NeedDaemonReload', 'UnitFileState', 'SubState')).toEqual({
      SubState: 'running',
      UnitFileState: 'enabled',
      NeedDaemonReload: 'no',
    });
    expect(await visit('a.de', '/x')).toEqual({ status: 200, text: 'origin /x' });
    expect((await visit('b.de', '/x')).status).toBe(404);
    expect((await visit('a.de', '/.well-known/berth/x')).status).toBe(204);
    const config = await (await fetch(`http://127.0.0.1:${metrics}/config`)).json();
    expect(config).toMatchObject({
      version: -1,
      config: { ingress: [{ hostname: 'a.de', path: '^/\\.well-known/berth/x$' }, {}, {}] },
    });
    await expect.poll(() => bench.edge.connectors.size, within).toBe(4);
    await systemctl('stop', unitOf('a'));
    expect(bench.edge.connectors.size).toBe(0);
    expect(await ready(metrics)).toBe(0);
  });

  test('starts a unit that something wanted before its file was there, without a reload', async () => {
    bench.writeTunnel('a', { type: 'notify' });
    await systemctl('enable', '--no-reload', unitOf('a'));
    await systemctl('start', unitOf('a'));
    await systemctl('stop', unitOf('a'));
    rmSync(join(bench.unitDir, unitOf('a')));
    await systemctl('daemon-reload');
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ exitCode: 5 });
    bench.writeTunnel('a', { type: 'notify' });
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ exitCode: 0 });
  });

  test('answers 502 when the origin is down', async () => {
    bench.writeTunnel('a', { port: await freePort(), type: 'notify' });
    await systemctl('start', unitOf('a'));
    expect((await visit('a.de', '/')).status).toBe(502);
  });

  test('asks for a reload only after a loaded unit file changed', async () => {
    bench.writeTunnel('a', {});
    await systemctl('start', unitOf('a'));
    const before = await bench.properties('a', 'InvocationID');
    const dropIns = join(bench.unitDir, 'cloudflared-customer-.service.d');
    mkdirSync(dropIns);
    writeFileSync(join(dropIns, '50-slow.conf'), '[Service]\nRestartSec=7\n');
    expect(await bench.properties('a', 'NeedDaemonReload', 'RestartUSec')).toEqual({
      RestartUSec: '50ms',
      NeedDaemonReload: 'yes',
    });
    expect((await systemctl('restart', unitOf('a'))).stderr).toContain('changed on disk');
    await systemctl('daemon-reload');
    expect(await bench.properties('a', 'NeedDaemonReload', 'RestartUSec', 'DropInPaths')).toEqual({
      RestartUSec: '7s',
      DropInPaths: join(dropIns, '50-slow.conf'),
      NeedDaemonReload: 'no',
    });
    expect(await bench.properties('a', 'InvocationID')).not.toEqual(before);
  });

  test('copies files into a runtime directory before the program starts, and takes it away after', async () => {
    const copies = join(bench.root, 'run/runtime/cloudflared-customer-a');
    const file = join(bench.tunnelDir, 'customer-a');
    bench.writeTunnel('a', {
      type: 'notify',
      more:
        'LoadCredential=\nRuntimeDirectory=%N\nRuntimeDirectoryMode=0700\n' +
        `ExecStartPre=+/usr/bin/install -m 0444 ${file}.yml ${file}.json %t/%N/\nExecStart=\n` +
        `ExecStart=${bench.systemd.cloudflaredPath} tunnel --config %t/%N/customer-a.yml --credentials-file %t/%N/customer-a.json run\n`,
    });
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ exitCode: 0 });
    expect([copies, `${copies}/customer-a.json`].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o444]);
    await systemctl('stop', unitOf('a'));
    expect(existsSync(copies)).toBe(false);
    rmSync(`${file}.json`);
    await systemctl('start', '--no-block', unitOf('a'));
    await expect.poll(() => bench.systemd.control.journal(unitOf('a')).join()).toContain("install: cannot stat '");
  });

  test('says 243 where a credential is missing and keeps secrets out of the journal', async () => {
    bench.writeTunnel('a', {});
    rmSync(join(bench.tunnelDir, 'customer-a.json'));
    await systemctl('start', unitOf('a'));
    expect((await bench.properties('a', 'ExecMainStatus')).ExecMainStatus).toBe('243');
    expect(bench.systemd.control.journal(unitOf('a')).join('\n')).not.toContain(tunnelSecret);
  });

  test('waits for the edge with Type=notify, up to its time limit', async () => {
    bench.edge.down = true;
    bench.writeTunnel('a', { type: 'notify', more: 'TimeoutStartSec=200ms\n' });
    expect((await systemctl('start', unitOf('a'))).stderr).toContain('a timeout was exceeded');
    expect(await systemctl('start', '--no-block', unitOf('a'))).toMatchObject({ exitCode: 0 });
    bench.edge.down = false;
    await expect.poll(async () => (await systemctl('is-active', unitOf('a'))).stdout, within).toBe('active');
  });

  test('stays up with a wrong secret and comes back after the edge dropped it', async () => {
    const [wrong, right] = [await freePort(), await freePort()];
    bench.writeTunnel('a', { metrics: wrong, tunnelSecret: Buffer.alloc(32).toString('base64') });
    bench.writeTunnel('b', { metrics: right });
    await systemctl('start', unitOf('a'), unitOf('b'));
    await expect.poll(() => ready(right), within).toBe(200);
    await expect.poll(() => ready(wrong), within).toBe(503);
    expect((await systemctl('is-active', unitOf('a'))).stdout).toBe('active');
    bench.edge.down = true;
    bench.edge.drop();
    await expect.poll(() => ready(right), within).toBe(503);
    bench.edge.down = false;
    await expect.poll(() => ready(right), within).toBe(200);
  });

  test('ends with 1 where the metrics address is taken', async () => {
    const metrics = await listen((_request, response) => response.end());
    bench.writeTunnel('a', { metrics });
    await systemctl('start', unitOf('a'));
    await expect.poll(async () => (await bench.properties('a', 'ExecMainStatus')).ExecMainStatus, within).toBe('1');
    expect(bench.systemd.control.journal(unitOf('a')).join('\n')).toContain('Error opening metrics server listener');
  });

  test('finishes a request under way before it exits', async () => {
    const asked: ServerResponse[] = [];
    const port = await listen((_request, response) => void asked.push(response));
    bench.writeTunnel('a', { port, type: 'notify' });
    await systemctl('start', unitOf('a'));
    const visited = visit('a.de', '/');
    await expect.poll(() => asked.length, within).toBe(1);
    const stopped = systemctl('stop', unitOf('a'));
    await expect.poll(() => bench.systemd.control.units()[0]?.active, within).toBe('deactivating');
    asked[0]?.end('late');
    expect(await visited).toEqual({ status: 200, text: 'late' });
    expect(await stopped).toMatchObject({ exitCode: 0 });
  });

  test('lists units as JSON and starts enabled ones at boot', async () => {
    bench.writeTunnel('a', {});
    bench.writeTunnel('b', {});
    expect((await systemctl('enable', '--now', unitOf('a'))).stderr).toContain('Created symlink');
    const list = async () =>
      JSON.parse((await systemctl('list-units', 'cloudflared-customer-*', '--all', '--output=json')).stdout);
    expect(await list()).toEqual([
      {
        unit: unitOf('a'),
        load: 'loaded',
        active: 'active',
        sub: 'running',
        description: 'Cloudflare Tunnel for Customer a',
      },
    ]);
    bench.systemd.stop();
    bench.start();
    expect(await list()).toMatchObject([{ unit: unitOf('a'), active: 'active' }]);
    expect((await systemctl('is-enabled', unitOf('b'))).stdout).toBe('disabled');
    await systemctl('disable', '--now', unitOf('a'));
    expect(await list()).toEqual([]);
  });

  test('keeps the answers of a hundred calls at once apart', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `nobody-${index}.service`);
    const answers = await Promise.all(names.map((name) => systemctl('show', name, '-p', 'Id')));
    expect(answers.map(({ stdout }) => stdout)).toEqual(names.map((name) => `Id=${name}`));
  });

  test('misbehaves as it is told', async () => {
    bench.writeTunnel('a', {});
    bench.systemd.control.addFault({ kind: 'lost', on: '^start' });
    expect(await systemctl('start', unitOf('a'))).toMatchObject({ exitCode: 1 });
    expect((await systemctl('is-active', unitOf('a'))).stdout).toBe('active');
    bench.systemd.control.addFault({ kind: 'error', message: 'Access denied', status: 4 });
    expect(await systemctl('is-active', unitOf('a'))).toMatchObject({ stderr: 'Access denied', exitCode: 4 });
    bench.systemd.control.addFault({ kind: 'hang', on: '^show .*InvocationID' });
    const hanging = systemctl('show', unitOf('a'), '-p', 'InvocationID');
    await expect.poll(() => systemctl('show', unitOf('a'), '-p', 'Id'), within).toMatchObject({ exitCode: 0 });
    bench.systemd.control.away();
    expect(await hanging).toMatchObject({ exitCode: 1 });
    expect((await systemctl('is-active', unitOf('a'))).stderr).toContain('Failed to connect to bus');
    bench.systemd.control.back();
    expect((await systemctl('is-active', unitOf('a'))).stdout).toBe('active');
  });

  test('checks an ingress file as cloudflared does', async () => {
    bench.writeTunnel('a', {});
    const run = (...words: string[]) => execa(bench.systemd.cloudflaredPath, words, { reject: false });
    expect((await run('--version')).stdout).toContain('cloudflared version');
    const config = join(bench.tunnelDir, 'customer-a.yml');
    expect((await run('tunnel', '--config', config, 'ingress', 'validate')).stdout).toContain('OK');
    writeFileSync(config, 'ingress:\n  - hostname: a.de\n    service: http://localhost:1\n');
    const refused = await run('tunnel', '--config', config, 'ingress', 'validate');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('The last ingress rule must match all URLs');
  });
});
