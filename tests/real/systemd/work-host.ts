import { mkdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import { type Daemon, makeDaemon } from '../engine/daemon.ts';
import { cgroupOf, ownRun } from '../engine/own-namespaces.ts';
import { killProcess, processes } from '../engine/processes.ts';
import type { SiteImage } from '../engine/site-images.ts';
import type { Engine } from '../engine/start-engine.ts';
import { DOCKER_GROUP, installWorkers, writeSettings } from './install-workers.ts';
import { type SystemdHost, startHost } from './start-host.ts';

/** A machine as an installation has many: a network, a systemd and a Docker Engine of its own, and Berth's workers of that host. */
export interface WorkHost extends SystemdHost {
  id: string;
  docker: Docker;
  daemon: Daemon;
  /** Cuts its power, if it's on. */
  kill(): Promise<void>;
}

interface WorkHostOptions {
  id: string;
  /** of what `npm run build` makes */
  builtDir: string;
  standInDir: string;
  environment: Record<string, string>;
}

/** what every host has */
export const IMAGE: SiteImage = 'berth-test/site:1';

const PROGRAMS = '/opt/berth';
const STAND_IN = '/opt/stand-in';
/** Where the machine finds its Docker's files; not below /tmp, of which each unit has its own. */
const DOCKER = '/srv/docker';

/** Boots the machine, then starts its dockerd and installs the workers as units of its systemd. */
export async function startWorkHost(engine: Engine, options: WorkHostOptions): Promise<WorkHost> {
  const { id, builtDir, standInDir, environment } = options;
  const dir = path.join(engine.dir, 'hosts', id);
  const dockerDir = path.join(dir, 'docker');
  mkdirSync(dockerDir, { recursive: true });
  const settings = { ...environment, HOST_ID: id, CLOUDFLARED_PATH: `${STAND_IN}/cloudflared` };
  const host = await startHost(engine, {
    name: id,
    network: 'bridge',
    binds: [
      `${builtDir}:${PROGRAMS}:ro`,
      `${standInDir}:${STAND_IN}:ro`,
      // The folder, since the socket is made anew by each start of the daemon.
      `${dockerDir}:${DOCKER}`,
      ...writeSettings(dir, settings),
    ],
  });
  const daemon = makeDaemon(
    dockerDir,
    cgroupOf(ownRun() ?? ''),
    ['--live-restore', '--bip=10.99.0.1/24', `--group=${DOCKER_GROUP.id}`],
    [...['nsenter', '-t', String(host.pid), '--net']],
  );
  await daemon.start();
  const docker = new Docker({ socketPath: daemon.socketPath });
  // The very same on each host: an import gives an image another id each time.
  await docker.loadImage(await engine.docker.getImage(IMAGE).get());
  await installWorkers(host, `${DOCKER}/docker.sock`);
  let isOn = true;
  return {
    ...host,
    id,
    docker,
    daemon,
    async kill() {
      if (!isOn) return;
      isOn = false;
      const networks = await networksOf(host, docker);
      await daemon.end('SIGKILL');
      for (let left = processesIn(networks); left.length > 0; left = processesIn(networks)) {
        for (const pid of left) killProcess(pid);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/** The machine's network, and those of its containers. */
async function networksOf({ pid }: SystemdHost, docker: Docker): Promise<Set<string>> {
  const containers = await docker.listContainers();
  const inspected = await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).inspect()));
  const found = [pid, ...inspected.map(({ State }) => State.Pid)].map(networkOf);
  return new Set(found.filter((network) => network !== undefined));
}

function processesIn(networks: ReadonlySet<string>): number[] {
  return processes().filter((pid) => networks.has(networkOf(pid) ?? ''));
}

/** Which network a process is in; undefined when it has ended. */
function networkOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
