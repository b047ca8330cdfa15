import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answersAt, type DockerBench, failureOf, openDockerBench, toOptions } from '../testing/docker-bench.ts';
import { freePort } from '../testing/free-port.ts';

let bench: DockerBench;
let docker: Docker;

const pull = (reference: string) => bench.pull(reference);

async function until<T>(read: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  return expect.poll(read, { timeout: 60_000, interval: 5 }).toSatisfy(wanted).then(read);
}

beforeEach(async () => {
  bench = await openDockerBench();
  docker = bench.docker;
});

afterEach(() => bench.close());

describe('startDocker', () => {
  test('answers ping, version and info', async () => {
    expect(String(await docker.ping())).toBe('OK');
    expect(await docker.version()).toMatchObject({ ApiVersion: '1.41' });
    expect(await docker.info()).toMatchObject({ Containers: 0, ServerVersion: '20.10.24' });
    const versioned = bench.at('v1.41');
    expect(await versioned.listContainers()).toEqual([]);
  });

  test('pulls a known image with progress and refuses an unknown one', async () => {
    expect((await failureOf(docker.getImage('berth-demo/site:1').inspect())).statusCode).toBe(404);
    expect(await pull('berth-demo/site:1')).toContain('Status: Downloaded newer image for berth-demo/site:1');
    expect(await pull('berth-demo/site:1')).toContain('Status: Image is up to date for berth-demo/site:1');
    const inspected = await docker.getImage('berth-demo/site:1').inspect();
    expect(await docker.getImage(inspected.RepoDigests[0] ?? '').inspect()).toMatchObject({ Id: inspected.Id });
    expect(await docker.listImages()).toHaveLength(1);
    expect(await failureOf(docker.pull('nobody/nothing:1'))).toMatchObject({ statusCode: 404 });
    expect((await failureOf(docker.pull('berth-demo/site:99'))).message).toContain('manifest unknown');
  });

  test('keeps what was pulled when another image gets its name in the registry, until it is pulled again', async () => {
    await pull('berth-demo/site:1');
    const { Id } = await docker.getImage('berth-demo/site:1').inspect();
    bench.simulator.control.publishImage('berth-demo/site:1');
    expect((await docker.getImage('berth-demo/site:1').inspect()).Id).toBe(Id);
    expect(await pull('berth-demo/site:1')).toContain('Status: Downloaded newer image for berth-demo/site:1');
    expect((await docker.getImage('berth-demo/site:1').inspect()).Id).not.toBe(Id);
    expect((await docker.getImage(Id).inspect()).Id).toBe(Id);
  });

  test('runs a container that answers on its published port', async () => {
    await pull('berth-demo/site:1');
    const port = await freePort();
    const container = await docker.createContainer(toOptions('customer-a', port));
    await container.start();
    await until(
      () => answersAt(port),
      (status) => status === 200,
    );
    const html = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    expect(html).toContain('<h1>a</h1>');
    expect(html).not.toContain('secret-licence');
    const inspected = await docker.getContainer('customer-a').inspect();
    expect(inspected).toMatchObject({
      Name: '/customer-a',
      State: { Status: 'running', Running: true, OOMKilled: false, ExitCode: 0 },
      RestartCount: 0,
      HostConfig: { Memory: 536870912, Init: true, RestartPolicy: { Name: 'unless-stopped' } },
      NetworkSettings: { Ports: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
    });
    await container.restart();
    expect((await container.inspect()).State.StartedAt).not.toBe(inspected.State.StartedAt);
    await container.stop();
    expect(await answersAt(port)).toBe(0);
    expect((await container.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 143 });
    await container.remove({ v: true });
    expect((await failureOf(container.inspect())).statusCode).toBe(404);
  });

  test('answers with the status codes of dockerd', async () => {
    const port = await freePort();
    expect(await failureOf(docker.createContainer(toOptions('customer-a', port)))).toMatchObject({ statusCode: 404 });
    await pull('berth-demo/site:1');
    const container = await docker.createContainer(toOptions('customer-a', port));
    expect((await failureOf(docker.createContainer(toOptions('customer-a', port)))).statusCode).toBe(409);
    expect((await failureOf(container.stop())).statusCode).toBe(304);
    await container.start();
    expect((await failureOf(container.start())).statusCode).toBe(304);
    expect((await failureOf(container.remove())).statusCode).toBe(409);
    const other = await docker.createContainer(toOptions('customer-b', port));
    const refused = await failureOf(other.start());
    expect(refused.statusCode).toBe(500);
    expect(refused.message).toContain(`Bind for 127.0.0.1:${port} failed: port is already allocated`);
    expect((await other.inspect()).State).toMatchObject({ Status: 'created', ExitCode: 128 });
    await other.rename({ name: 'customer-c' });
    expect((await docker.getContainer('customer-c').inspect()).Id).toBe(other.id);
    expect((await failureOf(docker.getContainer('customer-b').inspect())).statusCode).toBe(404);
    expect((await failureOf(other.kill())).statusCode).toBe(409);
    await container.remove({ force: true, v: true });
    await other.start();
    await until(
      () => answersAt(port),
      (status) => status === 200,
    );
  });

  test('says so when a stranger holds the port', async () => {
    await pull('berth-demo/site:1');
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const container = await docker.createContainer(toOptions('customer-a', port));
    expect((await failureOf(container.start())).message).toContain('address already in use');
    stranger.close();
  });

  test('lists by label, name and status', async () => {
    await pull('berth-demo/site:1');
    await docker.createContainer(toOptions('customer-a', 0));
    const running = await docker.createContainer(toOptions('customer-b', 0));
    await running.start();
    const names = async (options: object) => (await docker.listContainers(options)).map((found) => found.Names[0]);
    expect(await names({})).toEqual(['/customer-b']);
    expect(await names({ all: true })).toEqual(['/customer-b', '/customer-a']);
    expect(await names({ all: true, filters: { label: ['berth.site=customer-a'] } })).toEqual(['/customer-a']);
    expect(await names({ all: true, filters: JSON.stringify({ name: ['^/customer-b$'] }) })).toEqual(['/customer-b']);
    expect(await names({ filters: { status: ['created'] } })).toEqual(['/customer-a']);
    expect((await failureOf(docker.listContainers({ filters: { nonsense: ['1'] } }))).statusCode).toBe(400);
  });

  test('keeps the rules for networks', async () => {
    const create = (name: string, subnet: string) =>
      docker.createNetwork({
        Name: name,
        CheckDuplicate: true,
        IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
        Labels: { 'berth.site': name },
      } as Docker.NetworkCreateOptions);
    const network = await create('customer-a', '10.200.0.0/28');
    expect(await failureOf(create('customer-a', '10.200.0.16/28'))).toMatchObject({ statusCode: 409 });
    const overlap = await failureOf(create('customer-b', '10.200.0.8/29'));
    expect(overlap).toMatchObject({ statusCode: 403 });
    expect(overlap.message).toContain('Pool overlaps with other one on this address space');
    expect(await network.inspect()).toMatchObject({ Name: 'customer-a', Labels: { 'berth.site': 'customer-a' } });
    expect(await docker.listNetworks({ filters: { label: ['berth.site=customer-a'] } })).toHaveLength(1);
    await pull('berth-demo/site:1');
    const options = toOptions('customer-a', 0);
    const container = await docker.createContainer({
      ...options,
      HostConfig: { ...options.HostConfig, NetworkMode: 'customer-a' },
    });
    await container.start();
    expect((await container.inspect()).NetworkSettings.Networks['customer-a']?.IPAddress).toBe('10.200.0.2');
    expect((await failureOf(network.remove())).statusCode).toBe(403);
    await container.stop();
    await network.remove();
    expect((await failureOf(network.inspect())).statusCode).toBe(404);
    expect((await failureOf(container.start())).message).toMatch(/network [0-9a-f]{64} not found/);
    await create('customer-a', '10.200.0.0/28');
    expect((await failureOf(container.start())).statusCode).toBe(404);
  });

  test('runs the images that misbehave', async () => {
    for (const image of ['unhealthy:1', 'exits:1', 'port-8080:1', 'slow:1']) {
      await pull(`berth-demo/${image}`);
    }
    const run = async (image: string) => {
      const port = await freePort();
      const container = await docker.createContainer(toOptions(`c-${port}`, port, `berth-demo/${image}`));
      await container.start();
      return { port, container };
    };
    const unhealthy = await run('unhealthy:1');
    await until(
      () => answersAt(unhealthy.port),
      (status) => status === 503,
    );
    const elsewhere = await run('port-8080:1');
    expect(await answersAt(elsewhere.port)).toBe(0);
    expect(await answersAt((await run('slow:1')).port)).toBe(0);
    const exits = await run('exits:1');
    const { RestartCount } = await until(
      () => exits.container.inspect(),
      (seen) => seen.RestartCount >= 2,
    );
    expect(RestartCount).toBeGreaterThanOrEqual(2);
    await exits.container.remove({ force: true });
  });

  test('restarts what died by itself and leaves what was killed by hand', async () => {
    await pull('berth-demo/site:1');
    const container = await docker.createContainer(toOptions('customer-a', 0));
    await container.start();
    bench.simulator.control.killContainer('customer-a');
    await until(
      () => container.inspect(),
      ({ State, RestartCount }) => State.Running && RestartCount === 1 && State.Pid > 0,
    );
    const waiting = container.wait();
    await container.kill();
    expect(await waiting).toMatchObject({ StatusCode: 137 });
    expect((await container.inspect()).State.Status).toBe('exited');
  });

  test('tells what died without memory, until it runs again', async () => {
    await pull('berth-demo/site:1');
    // Left as it ended, so that nothing has to be asked before it's started again.
    const policy = { RestartPolicy: { Name: 'no' } };
    const ended = await docker.createContainer(toOptions('customer-a', 0, undefined, policy));
    const restarted = await docker.createContainer(toOptions('customer-b', 0));
    await Promise.all([ended.start(), restarted.start()]);
    const events = await docker.getEvents({ filters: { type: ['container'], event: ['oom', 'die'] } });
    const seen = new Promise<string>((resolve) => events.once('data', (chunk) => resolve(String(chunk))));
    bench.simulator.control.exhaustContainer('customer-a');
    expect(JSON.parse((await seen).split('\n')[0] ?? '')).toMatchObject({ Action: 'oom' });
    expect((await ended.inspect()).State).toMatchObject({ OOMKilled: true, ExitCode: 137 });
    (events as unknown as { destroy(): void }).destroy();
    await ended.start();
    expect((await ended.inspect()).State).toMatchObject({ Status: 'running', OOMKilled: false });
    bench.simulator.control.exhaustContainer('customer-b');
    await until(
      () => restarted.inspect(),
      ({ State, RestartCount }) => RestartCount === 1 && State.Status === 'running' && !State.OOMKilled,
    );
  });

  test('gives logs, stats and events', async () => {
    await pull('berth-demo/site:1');
    const events = await docker.getEvents({ filters: { type: ['container'], event: ['start'] } });
    const container = await docker.createContainer(toOptions('customer-a', 0));
    const seen = new Promise<string>((resolve) => events.once('data', (chunk) => resolve(String(chunk))));
    await container.start();
    expect(JSON.parse(await seen)).toMatchObject({ Action: 'start', Actor: { Attributes: { name: 'customer-a' } } });
    (events as unknown as { destroy(): void }).destroy();
    const logs = await container.logs({ stdout: true, stderr: true, tail: 10 });
    expect(logs.readUInt32BE(4)).toBe(logs.length - 8);
    expect(logs.subarray(8).toString()).toBe('listening on :3000\n');
    bench.simulator.control.writeLine('customer-a', 'careful', 'stderr');
    const careful = await container.logs({ stdout: false, stderr: true, timestamps: true });
    expect(careful.subarray(0, 4)).toEqual(Buffer.from([2, 0, 0, 0]));
    const [time = ''] = careful.subarray(8).toString().split(' ');
    expect(careful.subarray(8).toString()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z careful\n$/);
    // To the nanosecond: both lines may be of one millisecond.
    const since = `${Math.floor(Date.parse(time) / 1000)}.${/\.(\d+)Z$/.exec(time)?.[1]}`;
    expect((await container.logs({ stdout: true, stderr: true, since })).toString()).not.toContain('listening');
    const followed = await container.logs({ follow: true, stdout: true, stderr: true, since });
    bench.simulator.control.writeLine('customer-a', 'later');
    await container.kill();
    const chunks: Buffer[] = [];
    for await (const chunk of followed) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).toString()).toMatch(/careful\n.*later\n.*exited with 137\n$/s);
    await container.start();
    expect(await container.stats({ stream: false, 'one-shot': true })).toMatchObject({
      memory_stats: { limit: 536870912 },
    });
  });

  test('misbehaves as it is told', async () => {
    await pull('berth-demo/site:1');
    bench.simulator.control.addFault({ kind: 'lost', on: 'POST /containers/create' });
    expect((await failureOf(docker.createContainer(toOptions('customer-a', 0)))).statusCode).toBeUndefined();
    expect(await docker.listContainers({ all: true })).toHaveLength(1);
    bench.simulator.control.addFault({ kind: 'crash', on: 'POST /containers/create' });
    await failureOf(docker.createContainer(toOptions('customer-b', 0)));
    expect(await docker.listContainers({ all: true })).toHaveLength(1);
    bench.simulator.control.addFault({ kind: 'error', status: 500, message: 'disk full' });
    expect((await failureOf(docker.listContainers())).message).toContain('disk full');
    await bench.simulator.control.away();
    // The first call may still meet a kept-alive connection.
    await until(
      async () => (await failureOf(docker.listContainers())).code,
      (code) => code === 'ENOENT',
    );
    await bench.simulator.control.back();
    expect(await docker.listContainers({ all: true })).toHaveLength(1);
  });

  test('finds its containers again, those that ran running', async () => {
    const dataDir = join(bench.dir, 'data');
    await bench.simulator.stop();
    await bench.start({ dataDir });
    await pull('berth-demo/site:1');
    const port = await freePort();
    const container = await docker.createContainer(toOptions('customer-a', port));
    await container.start();
    await docker.createContainer(toOptions('customer-b', 0));
    await bench.simulator.stop();
    expect(await answersAt(port)).toBe(0);
    await bench.start({ dataDir });
    await until(
      () => answersAt(port),
      (status) => status === 200,
    );
    expect((await docker.getContainer('customer-a').inspect()).Id).toBe(container.id);
    expect((await docker.getContainer('customer-b').inspect()).State.Status).toBe('created');
  });
});
