import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { askSite } from './ask-site.ts';
import { interfaces } from './network-namespace.ts';
import { cgroupOf, ownRun } from './own-namespaces.ts';
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
  askSite(3100)
    .then((response) => response.text())
    .catch(() => 'nothing');

const processes = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

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

  test('leaves no process, mount, bridge, control group or file behind', async () => {
    const before = new Set(processes());
    const engine = await startEngine();
    await importSiteImages(engine.docker, 'berth-test/site:1');
    await engine.docker.createNetwork({ Name: 'some-network' });
    await runSite(engine);
    await engine.stop();
    const commands = processes()
      .filter((pid) => !before.has(pid))
      .map((pid) => commandOf(pid));
    expect(commands.filter((command) => /dockerd|containerd|docker-proxy|httpd/.test(command))).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(engine.dir);
    // The kernel takes a container's interfaces away by itself, some time after its namespace.
    await expect.poll(interfaces, { timeout: 60_000 }).toEqual(['lo']);
    expect(existsSync(engine.dir)).toBe(false);
    expect(existsSync(`/sys/fs/cgroup/memory/${cgroupOf(ownRun() ?? '')}`)).toBe(false);
  });
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
