import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connector, TunnelEdge } from '../edge/tunnel-link.ts';
import { type HostSimulator, startHost } from './start-host.ts';

const count = 900;
const connections = new Set<Connector>();
const edge: TunnelEdge = {
  register: async (_credentials, connector) => {
    const own = { ...connector };
    connections.add(own);
    return {
      id: `${connections.size}`,
      coloName: 'fra01',
      unregister: () => {
        connections.delete(own);
      },
      onClosed: () => undefined,
    };
  },
};

let dir: string;
let host: HostSimulator;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'berth-900-'));
  host = await startHost({ dir, edge, persist: false, pullMs: 1 });
});

afterAll(async () => {
  await host.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function startContainers(): Promise<void> {
  const docker = new Docker({ socketPath: host.docker.socketPath });
  const pulled = await docker.pull('berth-demo/site:1');
  await new Promise<void>((resolve) => docker.modem.followProgress(pulled, () => resolve()));
  for (let index = 0; index < count; index += 1) {
    const name = `customer-${index}`;
    const third = Math.floor(index / 16);
    await docker.createNetwork({
      Name: name,
      CheckDuplicate: true,
      IPAM: { Config: [{ Subnet: `10.200.${third}.${(index % 16) * 16}/28` }] },
    } as Docker.NetworkCreateOptions);
    const container = await docker.createContainer({
      name,
      Image: 'berth-demo/site:1',
      HostConfig: { NetworkMode: name, PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] } },
    });
    await container.start();
  }
}

async function startConnectors(): Promise<void> {
  const { TUNNEL_CONFIG_DIR, SYSTEMD_UNIT_DIR, CLOUDFLARED_PATH, SYSTEMCTL_PATH } = host.env;
  mkdirSync(SYSTEMD_UNIT_DIR, { recursive: true });
  const ports = host.docker.control.containers().map((container) => container.ports[0] ?? 0);
  const units = ports.map((port, index) => {
    const id = `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`;
    const file = join(TUNNEL_CONFIG_DIR, `customer-${index}`);
    writeFileSync(`${file}.json`, JSON.stringify({ AccountTag: 'a', TunnelID: id, TunnelSecret: 'eA==' }));
    writeFileSync(
      `${file}.yml`,
      `tunnel: ${id}\ningress:\n  - hostname: c${index}.de\n    service: http://localhost:${port}\n  - service: http_status:404\n`,
    );
    const unit = `cloudflared-customer-${index}.service`;
    writeFileSync(
      join(SYSTEMD_UNIT_DIR, unit),
      `[Service]\nType=notify\nLoadCredential=y:${file}.yml\nLoadCredential=j:${file}.json\nRestart=always\n` +
        `ExecStart=${CLOUDFLARED_PATH} tunnel --config %d/y --credentials-file %d/j run\n`,
    );
    return unit;
  });
  await execa(SYSTEMCTL_PATH, ['start', ...units]);
}

describe('startHost', () => {
  test('carries 900 containers and 900 connectors within 1.5 GB', async () => {
    const before = process.memoryUsage().rss;
    await startContainers();
    await startConnectors();
    await expect.poll(() => connections.size, { timeout: 60_000 }).toBe(4 * count);
    const { stdout } = await execa(host.env.SYSTEMCTL_PATH, ['list-units', '--all', '--output=json']);
    const units = JSON.parse(stdout) as Array<{ active: string }>;
    expect(units.filter(({ active }) => active === 'active')).toHaveLength(count);
    const answers = await Promise.all(
      host.docker.control.containers().map(({ ports }) =>
        fetch(`http://127.0.0.1:${ports[0]}/health`).then(async (answer) => {
          await answer.text();
          return answer.status;
        }),
      ),
    );
    expect(answers.every((status) => status === 200)).toBe(true);
    const { rss } = process.memoryUsage();
    const megabytes = (bytes: number): number => Math.round(bytes / 1024 ** 2);
    console.log(`900 containers and 900 connectors: ${megabytes(rss)} MB RSS, ${megabytes(before)} MB before them`);
    expect(rss).toBeLessThan(1.5 * 1024 ** 3);
  });
});
