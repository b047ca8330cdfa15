import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@berth/shared/runtime/clock';
import { silentLog } from '@berth/shared/runtime/log';
import { type DockerSimulator, startDocker } from '@berth/simulators/docker/start-docker';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ContainerEvent, followDocker } from './docker-events.ts';

const patient = { timeout: 60_000 };

let dir: string;
let simulator: DockerSimulator;
let docker: Docker;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-events-'));
  simulator = await startDocker({ socketPath: path.join(dir, 'docker.sock'), pullMs: 1 });
  docker = new Docker({ socketPath: simulator.socketPath });
  const progress = await docker.pull('berth-demo/site:1');
  await new Promise((resolve) => docker.modem.followProgress(progress, resolve));
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
});
afterAll(async () => {
  await simulator.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function follow() {
  const told: ContainerEvent[] = [];
  const backs: number[] = [];
  const take = (event: ContainerEvent) => void told.push(event);
  ({ stop } = followDocker({ docker, clock: systemClock, log: silentLog, take, onBack: () => void backs.push(1) }));
  const probe = await container('probe');
  // Until the connection is there: what happened before it isn't told.
  await vi.waitFor(async () => {
    await probe.start();
    await probe.kill();
    expect(told).not.toEqual([]);
  }, patient);
  await probe.remove({ force: true });
  await vi.waitFor(() => expect(told.at(-1)?.action).toBe('destroy'), patient);
  told.length = 0;
  return { told, backs };
}

async function container(name: string, Labels: Record<string, string> = { 'berth.placement': name }) {
  return docker.createContainer({ name, Image: 'berth-demo/site:1', Labels });
}

describe('followDocker', () => {
  test('tells what ended and what was stopped, of our containers only', async () => {
    const { told } = await follow();
    const [ours, theirs] = [await container('ours'), await container('theirs', {})];
    await Promise.all([ours.start(), theirs.start()]);
    await theirs.kill();
    await ours.kill();
    await vi.waitFor(
      () => expect(told).toMatchObject([{ placementId: 'ours', action: 'die', at: expect.stringMatching(/^\d{19}$/) }]),
      patient,
    );
    await ours.start();
    await ours.stop();
    await vi.waitFor(() => expect(told.map(({ action }) => action)).toEqual(['die', 'die', 'stop']), patient);
    await ours.remove();
    await theirs.remove();
  });

  test('comes back when Docker does, says so, and is told what happened meanwhile, once', async () => {
    const { told, backs } = await follow();
    const one = await container('one');
    await one.start();
    await simulator.control.away();
    simulator.control.killContainer('one');
    await simulator.control.back();
    await vi.waitFor(() => expect(told).toMatchObject([{ placementId: 'one', action: 'die' }]), patient);
    expect(backs).toEqual([1]);
    await one.remove({ force: true });
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ placementId: 'one', action: 'destroy' }), patient);
    expect(told.filter(({ action }) => action === 'die').length).toBeLessThanOrEqual(2);
  });

  test('ends while it is connected, and while Docker is away', async () => {
    await follow();
    await stop?.();
    await simulator.control.away();
    ({ stop } = followDocker({
      docker,
      clock: systemClock,
      log: silentLog,
      take: () => undefined,
      onBack: () => undefined,
    }));
    await stop();
    await simulator.control.back();
  });
});
