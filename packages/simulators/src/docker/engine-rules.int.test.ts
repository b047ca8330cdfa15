import { createServer } from 'node:http';
import type Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answersAt, type DockerBench, failureOf, openDockerBench, toOptions } from '../testing/docker-bench.ts';
import { freePort } from '../testing/free-port.ts';

const within = { timeout: 60_000, interval: 10 };
const site = 'berth-demo/site:1';

let bench: DockerBench;
let docker: Docker;

const create = (name: string, hostConfig: Docker.HostConfig = {}, image = site): Promise<Docker.Container> =>
  docker.createContainer(toOptions(name, 0, image, hostConfig));
const stateOf = async (container: Docker.Container) => (await container.inspect()).State;
const network = (name: string, config: object, more: object = {}): Promise<Docker.Network> =>
  docker.createNetwork({
    Name: name,
    CheckDuplicate: true,
    IPAM: { Driver: 'default', Config: [config] },
    ...more,
  } as Docker.NetworkCreateOptions);

beforeEach(async () => {
  bench = await openDockerBench();
  docker = bench.docker;
  await bench.pull(site);
});

afterEach(() => bench.close());

describe('the simulated Engine', () => {
  test('leaves a container whose port is taken created, and does not retry it', async () => {
    const port = await freePort();
    const holder = await docker.createContainer(toOptions('holder', port));
    await holder.start();
    const late = await docker.createContainer(toOptions('late', port));
    expect((await failureOf(late.start())).statusCode).toBe(500);
    expect(await late.inspect()).toMatchObject({
      State: { Status: 'created', ExitCode: 128, Running: false, Error: expect.stringContaining('already allocated') },
      RestartCount: 0,
    });
    await holder.remove({ force: true });
    expect(await answersAt(port)).toBe(0);
    expect((await stateOf(late)).Status).toBe('created');
    await late.start();
    expect(await stateOf(late)).toMatchObject({ Status: 'running', ExitCode: 0, Error: '' });
    await expect.poll(() => answersAt(port), within).toBe(200);
  });

  test('keeps the old state and exit code of a stopped container whose port was taken meanwhile', async () => {
    const port = await freePort();
    const container = await docker.createContainer(toOptions('customer-a', port));
    await container.start();
    await container.stop();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    expect((await failureOf(container.start())).message).toContain('address already in use');
    expect(await stateOf(container)).toMatchObject({ Status: 'exited', ExitCode: 143 });
    await new Promise((resolve) => stranger.close(resolve));
  });

  test.each<[string, Docker.HostConfig, string]>([
    ['too little memory', { Memory: 1024 ** 2 }, 'Minimum memory limit allowed is 6MB'],
    ['less swap than memory', { Memory: 64 * 1024 ** 2, MemorySwap: 32 * 1024 ** 2 }, 'Minimum memoryswap limit'],
    ['more processors than there are', { NanoCpus: 3e9 }, 'Range of CPUs is from 0.01 to 2.00'],
    ['an unknown restart policy', { RestartPolicy: { Name: 'sometimes' } }, "invalid restart policy 'sometimes'"],
    [
      'a count of tries that its policy has not',
      { RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 3 } },
      'maximum retry count cannot be used',
    ],
    ['a port that is none', { PortBindings: { '3000/tcp': [{ HostPort: '70000' }] } }, 'invalid port specification'],
  ])('refuses a container with %s', async (_what, hostConfig, message) => {
    expect(await failureOf(create('customer-a', hostConfig))).toMatchObject({
      statusCode: 400,
      message: expect.stringContaining(message),
    });
    expect(await docker.listContainers({ all: true })).toEqual([]);
  });

  test('renames by the rules, and finds a handle by id alone afterwards', async () => {
    const container = await create('customer-a');
    await create('customer-b');
    const byName = docker.getContainer('customer-a');
    expect((await failureOf(container.rename({ name: 'customer-b' }))).statusCode).toBe(409);
    expect((await failureOf(container.rename({ name: 'customer-a' }))).statusCode).toBe(400);
    expect((await failureOf(container.rename({ name: '' }))).statusCode).toBe(400);
    expect((await failureOf(container.rename({ name: 'a b' }))).statusCode).toBe(400);
    await container.start();
    await container.rename({ name: 'customer-a-old' });
    expect((await failureOf(byName.inspect())).statusCode).toBe(404);
    expect((await container.inspect()).Name).toBe('/customer-a-old');
    expect((await create('customer-a')).id).not.toBe(container.id);
  });

  test('answers for what is not there, and for what is so already, with the statuses of dockerd', async () => {
    const container = await create('customer-a');
    expect((await failureOf(container.stop())).statusCode).toBe(304);
    expect((await failureOf(container.kill())).statusCode).toBe(409);
    await container.start();
    expect((await failureOf(container.start())).statusCode).toBe(304);
    expect((await failureOf(container.kill({ signal: 'SIGNONSENSE' }))).statusCode).toBe(400);
    expect((await failureOf(container.remove())).statusCode).toBe(409);
    await container.stop();
    expect((await failureOf(container.stop())).statusCode).toBe(304);
    await container.remove();
    const verbs = [
      () => container.inspect(),
      () => container.start(),
      () => container.stop(),
      () => container.restart(),
    ];
    for (const verb of [...verbs, () => container.remove()]) {
      expect(await failureOf(verb())).toMatchObject({ statusCode: 404, message: expect.stringContaining('container') });
    }
    expect((await failureOf(docker.getNetwork('customer-a').inspect())).statusCode).toBe(404);
    expect((await failureOf(docker.getNetwork('customer-a').remove())).statusCode).toBe(404);
  });

  test('kills a program that ignores SIGTERM only after its time, unless an init is before it', async () => {
    await bench.pull('berth-demo/stubborn:1');
    const stubborn = await create('stubborn', { Init: false }, 'berth-demo/stubborn:1');
    const tamed = await create('tamed', { Init: true }, 'berth-demo/stubborn:1');
    await Promise.all([stubborn.start(), tamed.start()]);
    await stubborn.kill({ signal: 'SIGTERM' });
    expect((await stateOf(stubborn)).Status).toBe('running');
    const from = performance.now();
    await stubborn.stop({ t: 1 });
    expect(performance.now() - from).toBeGreaterThanOrEqual(990);
    expect(await stateOf(stubborn)).toMatchObject({ Status: 'exited', ExitCode: 137 });
    await tamed.stop({ t: 3600 });
    expect(await stateOf(tamed)).toMatchObject({ Status: 'exited', ExitCode: 143 });
  });

  test('kills a program that ignores SIGTERM only after its time, also behind an init', async () => {
    await bench.pull('berth-demo/ignores-term:1');
    const container = await create('deaf', { Init: true }, 'berth-demo/ignores-term:1');
    await container.start();
    await container.stop({ t: 0 });
    expect(await stateOf(container)).toMatchObject({ Status: 'exited', ExitCode: 137 });
  });

  test('shows the processes of a container with the columns that are asked for, as `ps` on the host does', async () => {
    await bench.pull('berth-demo/ignores-term:1');
    const [minds, deaf] = [
      await create('minds', { Init: false }),
      await create('deaf', { Init: true }, 'berth-demo/ignores-term:1'),
    ];
    const ask = (container: Docker.Container, columns: string) => container.top({ ps_args: `-eo ${columns}` });
    expect(await failureOf(ask(deaf, 'pid'))).toMatchObject({ statusCode: 409 });
    await Promise.all([minds.start(), deaf.start()]);
    const { State } = await deaf.inspect();
    expect(await ask(deaf, 'pid,ppid,blocked,ignored,comm')).toEqual({
      Titles: ['PID', 'PPID', 'BLOCKED', 'IGNORED', 'COMMAND'],
      Processes: [
        [String(State.Pid), '4999999', '0000000000000000', '0000000000000000', 'docker-init'],
        [String(State.Pid + 1), String(State.Pid), '0000000000000000', '0000000000004000', 'server'],
      ],
    });
    expect(await ask(minds, 'ignored,pid')).toMatchObject({ Processes: [['0000000000000000', expect.any(String)]] });
    for (const columns of ['ppid', 'pid,nonsense']) expect((await failureOf(ask(deaf, columns))).statusCode).toBe(500);
  });

  test('starts again with unless-stopped what died, not what was stopped, and without a policy nothing', async () => {
    const [died, stopped] = [await create('died'), await create('stopped')];
    const once = await create('once', { RestartPolicy: { Name: 'no' } });
    for (const container of [died, stopped, once]) await container.start();
    bench.simulator.control.killContainer('died', 1);
    bench.simulator.control.killContainer('once', 1);
    expect(bench.simulator.control.containers()).toMatchObject([
      { name: 'died', status: 'restarting' },
      { name: 'stopped', status: 'running' },
      { name: 'once', status: 'exited' },
    ]);
    await stopped.stop();
    await expect.poll(() => died.inspect(), within).toMatchObject({ State: { Status: 'running' }, RestartCount: 1 });
    expect(await stateOf(once)).toMatchObject({ Status: 'exited', ExitCode: 1 });
    expect(await stopped.inspect()).toMatchObject({ State: { Status: 'exited' }, RestartCount: 0 });
    await died.stop();
    await died.start();
    expect((await died.inspect()).RestartCount).toBe(0);
  });

  test('tells what happened in the order that it happened', async () => {
    const events = (await docker.getEvents({ since: 1 })) as NodeJS.ReadableStream & { destroy(): void };
    const seen: string[] = [];
    let rest = '';
    events.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { Type, Action } = JSON.parse(line) as { Type: string; Action: string };
        seen.push(`${Type} ${Action}`);
      }
    });
    const container = await create('customer-a');
    await container.start();
    await container.stop();
    await container.rename({ name: 'customer-b' });
    await container.start();
    await container.remove({ force: true });
    await expect.poll(() => seen.at(-1), within).toBe('container destroy');
    expect(seen).toEqual([
      'image pull',
      'container create',
      'network connect',
      'container start',
      'container kill',
      'container die',
      'network disconnect',
      'container stop',
      'container rename',
      'network connect',
      'container start',
      'container kill',
      'container die',
      'network disconnect',
      'container destroy',
    ]);
    events.destroy();
  });

  test('refuses networks that overlap, are there twice or cannot be made', async () => {
    const bridge = { Options: { 'com.docker.network.bridge.name': 'berth1' } };
    await network('a', { Subnet: '10.200.0.0/28', Gateway: '10.200.0.1' }, bridge);
    const refused: [number, () => Promise<unknown>][] = [
      [409, () => network('a', { Subnet: '10.201.0.0/28' })],
      [403, () => network('b', { Subnet: '10.200.0.0/24' })],
      [403, () => network('b', { Subnet: '10.200.0.0/28' })],
      [403, () => network('b', { Subnet: '172.17.3.0/28' })],
      [403, () => network('b', { Subnet: '10.202.0.0/28' }, bridge)],
      [
        500,
        () =>
          network('b', { Subnet: '10.202.0.0/28' }, { Options: { 'com.docker.network.bridge.name': 'x'.repeat(16) } }),
      ],
      [400, () => network('b', { Subnet: '10.202.0.0' })],
      [400, () => network('b', { Subnet: '10.202.0.256/28' })],
      [400, () => network('b', { Subnet: '10.202.0.0/33' })],
      [400, () => network('b', { Subnet: '10.202.0.0/28', Gateway: '10.203.0.1' })],
      [403, () => network('bridge', { Subnet: '10.202.0.0/28' })],
    ];
    for (const [status, call] of refused) expect((await failureOf(call())).statusCode).toBe(status);
    expect(bench.simulator.control.networks()).toEqual(['bridge', 'host', 'none', 'a']);
  });

  test('has 30 pools for networks that name no subnet', async () => {
    const make = (nth: number) => docker.createNetwork({ Name: `n${nth}` });
    for (let nth = 1; nth <= 30; nth += 1) await make(nth);
    expect((await failureOf(make(31))).message).toContain('non-overlapping IPv4 address pool among the defaults');
    await docker.getNetwork('n7').remove();
    await make(31);
  });

  test('lets nobody through to published ports while dockerd is away, though the containers run on', async () => {
    const port = await freePort();
    const container = await docker.createContainer(toOptions('customer-a', port));
    await container.start();
    await expect.poll(() => answersAt(port), within).toBe(200);
    const before = await stateOf(container);
    await bench.simulator.control.away();
    expect(await answersAt(port)).toBe(0);
    await expect.poll(async () => (await failureOf(docker.ping())).code, within).toBe('ENOENT');
    await bench.simulator.control.back();
    expect(await answersAt(port)).toBe(200);
    expect(await stateOf(container)).toMatchObject({ StartedAt: before.StartedAt, Pid: before.Pid });
  });

  test('speaks API versions from 1.12 to 1.41', async () => {
    const at = (version: string) => bench.at(version).version();
    expect(await at('v1.41')).toMatchObject({ ApiVersion: '1.41' });
    expect(await at('v1.12')).toMatchObject({ MinAPIVersion: '1.12' });
    expect(await failureOf(at('v1.42'))).toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('client version 1.42 is too new. Maximum supported API version is 1.41'),
    });
    expect((await failureOf(at('v1.11'))).message).toContain('too old');
  });
});
