import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DockerSimulator, startDocker } from '@berth/simulators/docker/start-docker';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pull } from '../testing/docker-world.ts';
import { makeDockerContainers } from './docker-containers.ts';

const { signal } = new AbortController();
const minds = 'berth-demo/site:1';
const ignores = 'berth-demo/ignores-term:1';
/** exit statuses of a program that ended by SIGTERM, and of one that was killed */
const [ended, killed] = [143, 137];

describe('a container that is stopped or restarted', () => {
  let simulator: DockerSimulator;
  let docker: Docker;
  const dir = mkdtempSync(join(tmpdir(), 'berth-stop-'));

  beforeAll(async () => {
    simulator = await startDocker({ socketPath: join(dir, 'docker.sock'), pullMs: 5 });
    docker = new Docker({ socketPath: simulator.socketPath });
    for (const image of [minds, ignores]) await pull(docker, image);
  });
  afterEach(() => simulator.control.clearFaults());
  afterAll(async () => {
    await simulator.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const run = async (image: string) => {
    const HostConfig = { Init: true };
    const container = await docker.createContainer({ Image: image, HostConfig, StopTimeout: 10 });
    await container.start();
    return container;
  };
  const exitCode = async (container: Docker.Container) => (await container.inspect()).State.ExitCode;
  const stop = (container: Docker.Container) => makeDockerContainers(docker).stop(container.id, signal);
  /** from the first signal that it was sent until it ended, by the Engine's own clock, in nanoseconds */
  const waitedFor = async ({ id }: Docker.Container) => {
    const filters = { container: [id], event: ['kill', 'die'] };
    const events = await docker.getEvents({ since: 0, until: Math.ceil(Date.now() / 1000), filters });
    let text = '';
    for await (const chunk of events) text += String(chunk);
    const told = text.split('\n').filter(Boolean);
    const [asked, died] = ['kill', 'die'].map((name) =>
      told.map((line) => JSON.parse(line)).find(({ Action }) => Action === name),
    );
    return died.timeNano - asked.timeNano;
  };

  test('ends by itself when it minds SIGTERM', async () => {
    const container = await run(minds);
    await stop(container);
    expect(await exitCode(container)).toBe(ended);
  });

  test('is not waited for when it ignores SIGTERM', async () => {
    const [ours, other] = [await run(ignores), await run(ignores)];
    const waited = other.stop({ t: 8 });
    await stop(ours);
    expect(await exitCode(ours)).toBe(killed);
    await waited;
    expect(await waitedFor(ours)).toBeLessThan(await waitedFor(other));
  });

  test('is not waited for when the machine is slow to show its processes', async () => {
    const [ours, other] = [await run(ignores), await run(ignores)];
    simulator.control.addFault({ kind: 'latency', on: '/top', ms: 4000, times: 1 });
    await Promise.all([other.stop({ t: 8 }), stop(ours)]);
    expect(await waitedFor(ours)).toBeLessThan(await waitedFor(other));
  });

  test('is not waited for by a restart either', async () => {
    const [ours, other] = [await run(ignores), await run(ignores)];
    const before = (await ours.inspect()).State.StartedAt;
    const waited = other.stop({ t: 8 });
    await makeDockerContainers(docker).restart(ours.id, signal);
    expect((await ours.inspect()).State).toMatchObject({
      Running: true,
      StartedAt: expect.not.stringContaining(before),
    });
    await waited;
    expect(await waitedFor(ours)).toBeLessThan(await waitedFor(other));
  });

  test('ends all the same when its processes can not be shown, and the answer is lost or never comes', async () => {
    for (const fault of [
      { kind: 'error', status: 500 } as const,
      { kind: 'lost' } as const,
      { kind: 'hang' } as const,
    ]) {
      simulator.control.addFault({ ...fault, on: '/top', times: 1 });
      const container = await run(minds);
      await stop(container);
      expect(await exitCode(container)).toBe(ended);
    }
  });

  test('may have ended meanwhile, or be gone', async () => {
    const container = await run(minds);
    await container.stop();
    await stop(container);
    await container.remove();
    await stop(container);
  });
});
