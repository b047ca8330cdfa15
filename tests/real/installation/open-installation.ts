import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CloudflareSimulator, startCloudflare } from '@berth/simulators/cloudflare/start-cloudflare';
import { installStandIn } from '@berth/simulators/cloudflared/stand-in/install-stand-in';
import { compose } from '../../support/compose.ts';
import { makeFreshClone } from '../../support/fresh-clone.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { forward } from '../systemd/forward.ts';
import { importDebian } from '../systemd/import-debian.ts';
import { NODE, type SystemdHost, startHost } from '../systemd/start-host.ts';
import { BASE, BUILD_BASE, makeBaseImages } from './base-images.ts';
import { makeStoreImages, POSTGRES, REDIS } from './store-images.ts';

/** A clone of the repository on a machine with Docker and systemd, before `docker compose up`. */
export interface Installation {
  engine: Engine;
  machine: SystemdHost;
  cloudflare: CloudflareSimulator;
  /** Runs Compose there, with the profile `host`. @returns what it wrote */
  compose(...args: string[]): Promise<string>;
  secret(name: string): string;
  stop(): Promise<void>;
}

/** Containers reach the machine at the second. */
const NETWORK = { subnet: '172.30.77.0/24', gateway: '172.30.77.1' };
const STAND_IN = '/opt/stand-in';
/** Nobody waits half a minute for the first look. */
const OFTEN = { interval: '5s' };

/**
 * A machine's systemd sees every process, that of the tests only those of its own container, and answers nobody else. Its systemctl then
 * takes the image's root, which isn't process 1's, for a chroot.
 */
const ASKS_SYSTEMD = { pid: 'container:machine', init: false, environment: { SYSTEMD_IGNORE_CHROOT: '1' } };

/** Follows docs/operations.md, with a simulated Cloudflare, and images that stand in for those of registries. */
export async function openInstallation(): Promise<Installation> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-installation-'));
  const at = (name: string) => path.join(dir, name);
  for (const folder of ['run', 'systemd', 'cloudflared', 'units', 'clone']) mkdirSync(at(folder));
  const engine = await startEngine({ flags: ['-H', `unix://${at('run/docker.sock')}`] });
  const cloudflare = await startCloudflare({ profile: 'ordinary', activateAfterMs: 100, connectorHost: '127.0.0.1' });
  const portOf = (address: string) => Number(new URL(address).port);
  const api = await forward('0.0.0.0', portOf(cloudflare.apiUrl));
  const edge = await forward('0.0.0.0', portOf(`tcp://${cloudflare.edgeAddress}`));
  const debian = await importDebian(engine.docker);
  await makeBaseImages(engine.docker, debian, dir);
  await makeStoreImages(engine.docker, debian, dir);
  await importSiteImages(engine.docker);

  await installStandIn({ dir: at('stand-in'), edge: cloudflare.connectorAddress, node: NODE });
  const machine = await startHost(engine, {
    name: 'machine',
    network: 'host',
    binds: [
      `${at('stand-in')}:${STAND_IN}:ro`,
      `${at('systemd')}:/run/systemd`,
      `${at('cloudflared')}:/etc/cloudflared`,
      `${at('units')}:/etc/systemd/system`,
    ],
  });

  makeFreshClone(at('clone'));
  copyFileSync(at('clone/deploy/compose.env.example'), at('clone/.env'));
  copyFileSync(cloudflare.edgeCaFile, at('edge-ca.pem'));
  const settings = {
    CF_ACCOUNT_ID: cloudflare.accountId,
    CF_API_BASE_URL: `http://${NETWORK.gateway}:${api.port}${new URL(cloudflare.apiUrl).pathname}`,
    EDGE_ADDRESS: `${NETWORK.gateway}:${edge.port}`,
    EDGE_CA_FILE: '/edge-ca.pem',
    HOST_ID: 'machine',
    ZONE_SWEEP_SECONDS: '1',
    CLOUDFLARED_PATH: `${STAND_IN}/cloudflared`,
  };
  for (const [name, value] of Object.entries(settings)) appendFileSync(at('clone/.env'), `${name}=${value}\n`);
  execFileSync('deploy/make-secrets.sh', {
    cwd: at('clone'),
    env: { PATH: process.env.PATH, CF_API_TOKEN: cloudflare.apiToken },
  });
  writeOverride(at);
  const run = (...args: string[]) =>
    compose(at('clone'), ['--profile', 'host', ...args], { DOCKER_HOST: engine.dockerHost });
  await run('build', '--build-arg', `BASE=${BASE}`, '--build-arg', `BUILD_BASE=${BUILD_BASE}`);
  return {
    engine,
    machine,
    cloudflare,
    compose: run,
    secret: (name) => readFileSync(at(`clone/secrets/${name}`), 'utf8').trim(),
    async stop() {
      await engine.stop();
      await Promise.all([api.close(), edge.close(), cloudflare.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What differs from a machine as people have it: no registry, and Docker, systemd and their files lie elsewhere. */
function writeOverride(at: (name: string) => string): void {
  const [run, systemd] = [`${at('run')}:/host/run:ro`, `${at('systemd')}:/run/systemd:ro`];
  const edgeCa = `${at('edge-ca.pem')}:/edge-ca.pem:ro`;
  const services = {
    postgres: { image: POSTGRES },
    redis: { image: REDIS },
    api: { healthcheck: OFTEN },
    'domain-watcher': { healthcheck: OFTEN },
    notifier: { healthcheck: OFTEN },
    'tunnel-worker-edge': { healthcheck: OFTEN, volumes: [edgeCa] },
    'container-worker': { healthcheck: OFTEN, volumes: [run] },
    'health-worker': { healthcheck: OFTEN, ...ASKS_SYSTEMD, volumes: [run, systemd, edgeCa] },
    'tunnel-worker-host': {
      healthcheck: OFTEN,
      ...ASKS_SYSTEMD,
      volumes: [systemd, `${at('cloudflared')}:/etc/cloudflared`, `${at('units')}:/etc/systemd/system`],
    },
  };
  const override = { services, networks: { berth: { ipam: { config: [NETWORK] } } } };
  writeFileSync(at('clone/docker-compose.override.yml'), JSON.stringify(override));
}
