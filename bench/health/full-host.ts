import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { metricsAddress } from '@berth/shared/domain/slots';
import type { Database } from '@berth/shared/store/database';
import { type LiveSite, makeLiveSites } from '@berth/shared/testing/live-sites';
import type { TunnelEdge } from '@berth/simulators/edge/tunnel-link';
import { type HostSimulator, startHost } from '@berth/simulators/systemd/start-host';
import Docker from 'dockerode';
import { execa } from 'execa';

/** A simulated host with a container and a connector for each site, whose rows say that they are live. */
export interface FullHost {
  simulator: HostSimulator;
  sites: LiveSite[];
  /** Lets the containers of the first `count` sites answer nothing, and all others as usual. */
  hang(count: number): void;
  close(): Promise<void>;
}

const IMAGE = 'berth-demo/site:1';
/** Past the numbers that meet cloudflared's own ports. */
const FIRST_SLOT = 200;

/** An edge that takes every connector: what is behind it isn't measured. */
const edge: TunnelEdge = {
  register: async () => ({ id: 'c', coloName: 'fra01', unregister: () => undefined, onClosed: () => undefined }),
};

export async function openFullHost(db: Database, hostId: string, count: number): Promise<FullHost> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-full-'));
  const simulator = await startHost({ dir, edge, persist: false, pullMs: 1 });
  const keys = Array.from({ length: count }, (_, index) => `full${index}`);
  const sites = await makeLiveSites(db, { host: hostId, keys, firstPort: 3100, firstSlot: FIRST_SLOT });
  await startContainers(simulator, sites);
  await startConnectors(simulator, sites);
  return {
    simulator,
    sites,
    hang(hung) {
      for (const [index, { key }] of sites.entries()) {
        simulator.docker.control.setHealth(`customer-${key}`, index < hung ? 'hang' : undefined);
      }
    },
    async close() {
      await simulator.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function startContainers(simulator: HostSimulator, sites: readonly LiveSite[]): Promise<void> {
  const docker = new Docker({ socketPath: simulator.docker.socketPath });
  const pulled = await docker.pull(IMAGE);
  await new Promise((resolve) => docker.modem.followProgress(pulled, resolve));
  for (const { key, placementId, port } of sites) {
    const container = await docker.createContainer({
      name: `customer-${key}`,
      Image: IMAGE,
      Labels: { 'berth.placement': placementId },
      HostConfig: { PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
    });
    await container.start();
  }
}

async function startConnectors({ env }: HostSimulator, sites: readonly LiveSite[]): Promise<void> {
  const units = sites.map(({ key, port, slot }, index) => {
    const id = `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`;
    const file = path.join(env.TUNNEL_CONFIG_DIR, `customer-${key}`);
    writeFileSync(`${file}.json`, JSON.stringify({ AccountTag: 'a', TunnelID: id, TunnelSecret: 'eA==' }));
    writeFileSync(
      `${file}.yml`,
      `tunnel: ${id}\nmetrics: ${metricsAddress(slot)}\ningress:\n  - hostname: ${key}.example\n    service: http://localhost:${port}\n  - service: http_status:404\n`,
    );
    const unit = `cloudflared-customer-${key}.service`;
    writeFileSync(
      path.join(env.SYSTEMD_UNIT_DIR, unit),
      `[Service]\nType=notify\nLoadCredential=y:${file}.yml\nLoadCredential=j:${file}.json\nRestart=always\n` +
        `ExecStart=${env.CLOUDFLARED_PATH} tunnel --config %d/y --credentials-file %d/j run\n[Install]\nWantedBy=multi-user.target\n`,
    );
    return unit;
  });
  await execa(env.SYSTEMCTL_PATH, ['enable', '--no-reload', ...units]);
  await execa(env.SYSTEMCTL_PATH, ['start', ...units]);
}
