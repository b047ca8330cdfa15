import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { askSite } from './ask-site.ts';
import { cgroupsNamed } from './cgroups.ts';
import { interfaces } from './network-namespace.ts';
import { cgroupOf, ownRun } from './own-namespaces.ts';
import { commandOf, processes } from './processes.ts';
import { importSiteImages } from './site-images.ts';
import { type Engine, startEngine } from './start-engine.ts';

const running: Engine[] = [];
afterEach(async () => {
  for (const engine of running.splice(0)) await engine.stop();
});

async function start(): Promise<Engine> {
  const engine = await startEngine();
  running.push(engine);
  return engine;
}

async function runSite({ docker }: Engine): Promise<void> {
  const container = await docker.createContainer({
    name: 'site-one',
    Image: 'berth-test/site:1',
    HostConfig: { PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: '3100' }] }, Init: true },
  });
  await container.start();
}

const answer = () =>
  askSite(3100, 10_000)
    .then((response) => response.text())
    .catch(() => 'nothing');

const ENGINE = /dockerd|containerd|docker-proxy|docker-init|httpd/;

describe('an Engine of the tests', () => {
  test('runs an image that came from no registry, and publishes its port', async () => {
    const engine = await start();
    await importSiteImages(engine.docker, 'berth-test/site:1');
    await runSite(engine);
    await expect.poll(answer, { timeout: 60_000 }).toBe('berth-test/site:1\n');
  });

  test('can be away and come back, and its containers live on', async () => {
    const engine = await start();
    await importSiteImages(engine.docker, 'berth-test/site:1');
    await runSite(engine);
    const before = await engine.docker.getContainer('site-one').inspect();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await engine.daemon.end(signal);
      await expect(engine.docker.ping()).rejects.toThrow();
      await engine.daemon.start();
      const after = await engine.docker.getContainer('site-one').inspect();
      expect(after.State).toMatchObject({ Pid: before.State.Pid, Running: true });
      await expect.poll(answer, { timeout: 60_000 }).toBe('berth-test/site:1\n');
    }
  });

  test('ends also while somebody else removes a container of it', async () => {
    const engine = await startEngine();
    await importSiteImages(engine.docker, 'berth-test/site:1');
    await runSite(engine);
    const removal = engine.docker.getContainer('site-one').remove({ force: true });
    await engine.stop();
    await removal;
    expect(existsSync(engine.dir)).toBe(false);
  });

  test('leaves no process, mount, bridge, control group or file behind', async () => {
    const before = new Set(processes());
    const engine = await startEngine();
    await importSiteImages(engine.docker, 'berth-test/site:1');
    await engine.docker.createNetwork({ Name: 'some-network' });
    await runSite(engine);
    // Docker leaves the pair of a container that it removed behind now and then (seen with 20.10).
    execFileSync('ip', ['link', 'add', 'veth0a1b2c3', 'type', 'veth', 'peer', 'name', 'veth0a1b2c4']);
    await engine.stop();
    await expectNothingLeft(engine, before);
  });

  test('leaves nothing of a container behind that its daemon has forgotten', async () => {
    const before = new Set(processes());
    const engine = await startEngine();
    await importSiteImages(engine.docker, 'berth-test/site:1');
    await runSite(engine);
    const { Id, State } = await engine.docker.getContainer('site-one').inspect();
    await engine.daemon.end('SIGKILL');
    rmSync(path.join(engine.dir, 'data/containers', Id), { recursive: true });
    await engine.daemon.start();
    expect(await engine.docker.listContainers({ all: true })).toEqual([]);
    expect(commandOf(State.Pid)).toBe('docker-init');
    await engine.stop();
    await expectNothingLeft(engine, before);
  });
});

async function expectNothingLeft(engine: Engine, before: ReadonlySet<number>): Promise<void> {
  expect(interfaces()).toEqual(['lo']);
  const left = () => processes().filter((pid) => !before.has(pid) && ENGINE.test(commandOf(pid)));
  // Who was killed is a zombie until the first process of the namespace asks for it.
  await expect.poll(left, { timeout: 60_000 }).toEqual([]);
  expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(engine.dir);
  expect(existsSync(engine.dir)).toBe(false);
  expect(cgroupsNamed(cgroupOf(ownRun() ?? ''))).toEqual([]);
}
