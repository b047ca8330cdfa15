import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Simulators, type SimulatorsOptions, startSimulators } from './start-simulators.ts';
import { makeHostControl } from './systemd/host-control-over-http.ts';
import { freePort } from './testing/free-port.ts';

const timings = { firstConnectionMs: 5, allConnectionsMs: 15, retryMs: 100 };
const secret = Buffer.alloc(32, 3).toString('base64');

let dir: string;
let simulators: Simulators;

const start = async (options: Partial<SimulatorsOptions> = {}): Promise<void> => {
  simulators = await startSimulators({ dir, profile: 'enterprise', timings, pullMs: 1, ...options });
};

type HostEnvironment = Simulators['env'];

async function runContainer(env: HostEnvironment, name: string): Promise<number> {
  const docker = new Docker({ socketPath: env.DOCKER_HOST.replace('unix://', '') });
  const port = await freePort();
  const pulled = await docker.pull('berth-demo/site:1');
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(pulled, (error) => (error ? reject(error) : resolve()));
  });
  const container = await docker.createContainer({
    name,
    Image: 'berth-demo/site:1',
    Env: [`DELQHI_CUSTOMER_ID=${name}`],
    HostConfig: {
      PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
      RestartPolicy: { Name: 'unless-stopped' },
    },
  });
  await container.start();
  return port;
}

async function makeTunnel(name: string, domain: string): Promise<string> {
  const { CF_API_BASE_URL, CF_API_TOKEN, CF_ACCOUNT_ID } = simulators.env;
  const response = await fetch(`${CF_API_BASE_URL}/accounts/${CF_ACCOUNT_ID}/cfd_tunnel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CF_API_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, tunnel_secret: secret, config_src: 'local' }),
  });
  const { result } = (await response.json()) as { result: { id: string } };
  await simulators.cloudflare.control.addZone(domain, 'active');
  const content = `${result.id}.cfargotunnel.com`;
  await simulators.cloudflare.control.addRecord(domain, { type: 'CNAME', name: domain, content, proxied: true });
  return result.id;
}

async function runTunnel(env: HostEnvironment, key: string, domain: string, port: number): Promise<void> {
  const tunnelId = await makeTunnel(`customer-${key}`, domain);
  const unit = `cloudflared-customer-${key}.service`;
  const file = (ending: string): string => join(env.TUNNEL_CONFIG_DIR, `customer-${key}.${ending}`);
  writeFileSync(
    file('json'),
    JSON.stringify({ AccountTag: env.CF_ACCOUNT_ID, TunnelSecret: secret, TunnelID: tunnelId, Endpoint: '' }),
  );
  writeFileSync(
    file('yml'),
    `tunnel: ${tunnelId}\ningress:\n  - hostname: ${domain}\n    service: http://localhost:${port}\n  - service: http_status:404\n`,
  );
  writeFileSync(
    join(env.SYSTEMD_UNIT_DIR, unit),
    `[Service]\nType=notify\nLoadCredential=c.yml:${file('yml')}\nLoadCredential=c.json:${file('json')}\n` +
      `ExecStart=${env.CLOUDFLARED_PATH} tunnel --config %d/c.yml --credentials-file %d/c.json run\nRestart=always\n` +
      '[Install]\nWantedBy=multi-user.target\n',
  );
  await execa(env.SYSTEMCTL_PATH, ['enable', '--no-reload', unit]);
  await execa(env.SYSTEMCTL_PATH, ['start', unit]);
}

function visit(domain: string): Promise<{ status: number; text: string }> {
  const [host, port] = simulators.env.EDGE_ADDRESS.split(':');
  const ca = readFileSync(simulators.env.EDGE_CA_FILE);
  return new Promise((resolve, reject) => {
    const asked = request(
      { host, port: Number(port), servername: domain, ca, headers: { host: domain }, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'berth-world-'));
});

afterEach(async () => {
  await simulators.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('startSimulators', () => {
  test('carries a request from the edge through a unit to a container', async () => {
    await start();
    const port = await runContainer(simulators.env, 'customer-a');
    await runTunnel(simulators.env, 'a', 'mustermann.de', port);
    const { status, text } = await visit('mustermann.de');
    expect(status).toBe(200);
    expect(text).toContain('<h1>customer-a</h1>');
    await execa(simulators.env.SYSTEMCTL_PATH, ['stop', 'cloudflared-customer-a']);
    expect((await visit('mustermann.de')).status).toBe(530);
  });

  test('answers 502 while the container is stopped', async () => {
    await start();
    const port = await runContainer(simulators.env, 'customer-a');
    await runTunnel(simulators.env, 'a', 'mustermann.de', port);
    const docker = new Docker({ socketPath: simulators.docker.socketPath });
    await docker.getContainer('customer-a').stop();
    expect((await visit('mustermann.de')).status).toBe(502);
    await docker.getContainer('customer-a').start();
    await expect.poll(async () => (await visit('mustermann.de')).status).toBe(200);
  });

  test('finds everything running again after a stop when it persists', async () => {
    await start({ persist: true });
    const port = await runContainer(simulators.env, 'customer-a');
    await runTunnel(simulators.env, 'a', 'mustermann.de', port);
    await simulators.stop();
    await start({ persist: true });
    expect(simulators.systemd.control.units()).toMatchObject([{ name: 'cloudflared-customer-a.service' }]);
    expect(simulators.docker.control.containers()).toMatchObject([{ name: 'customer-a', status: 'running' }]);
    await expect.poll(async () => (await visit('mustermann.de')).status).toBe(200);
  });

  test('starts further hosts before the same edge', async () => {
    await start();
    const second = await simulators.addHost('two');
    const port = await runContainer(second.env, 'customer-b');
    await runTunnel(second.env, 'b', 'beispiel.de', port);
    expect((await visit('beispiel.de')).status).toBe(200);
    expect(simulators.docker.control.containers()).toEqual([]);
    await expect(simulators.addHost('two')).rejects.toThrow('two');
  });

  test('switches a host off without a word, and boots it with what is on its disk', async () => {
    await start({ persist: true });
    const { host, env } = await simulators.addHost('two');
    const port = await runContainer(env, 'customer-b');
    await runTunnel(env, 'b', 'beispiel.de', port);
    await host.powerOff();
    expect((await visit('beispiel.de')).status).toBe(530);
    const docker = new Docker({ socketPath: env.DOCKER_HOST.replace('unix://', '') });
    await expect(docker.ping()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    expect((await execa(env.SYSTEMCTL_PATH, ['show'], { reject: false })).exitCode).not.toBe(0);
    await host.powerOn();
    expect(host.docker.control.containers()).toMatchObject([{ name: 'customer-b', status: 'running' }]);
    expect(host.systemd.control.units()).toMatchObject([{ name: 'cloudflared-customer-b.service' }]);
    await expect.poll(async () => (await visit('beispiel.de')).status).toBe(200);
    const [tunnel] = (await simulators.cloudflare.control.listTunnels()).filter(({ name }) => name === 'customer-b');
    expect(tunnel?.connectors).toEqual([host.systemd.control.units()[0]?.connectorId]);
  });

  test('switches no host off that forgets all with its end', async () => {
    await start();
    const { host } = await simulators.addHost('two');
    await expect(host.powerOff()).rejects.toThrow('keeps its state');
  });

  test('can be controlled from another process', async () => {
    await start();
    await runContainer(simulators.env, 'customer-a');
    const { docker, systemd } = makeHostControl(simulators.hostControlUrl, 'one');
    expect(await docker.containers()).toMatchObject([{ name: 'customer-a', status: 'running' }]);
    await systemd.addFault({ kind: 'error', status: 4, message: 'no' });
    expect((await execa(simulators.env.SYSTEMCTL_PATH, ['is-active', 'x'], { reject: false })).exitCode).toBe(4);
    await expect(docker.killContainer('nobody')).rejects.toThrow('No such container');
  });

  test('works in a directory whose path is too long for a socket, and leaves nothing behind', async () => {
    const world = join(dir, 'with a blank', 'x'.repeat(100));
    await start({ dir: world });
    const port = await runContainer(simulators.env, 'customer-a');
    expect(port).toBeGreaterThan(0);
    const socketPath = simulators.docker.socketPath;
    expect((await execa(simulators.env.SYSTEMCTL_PATH, ['is-active', 'x'], { reject: false })).stdout).toBe('inactive');
    await simulators.stop();
    expect(existsSync(socketPath)).toBe(false);
    expect(existsSync(join(world, 'hosts', 'one'))).toBe(false);
    await start();
  });
});
