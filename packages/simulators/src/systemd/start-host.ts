import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudflaredTimings } from '../cloudflared/start-cloudflared.ts';
import { type DockerOptions, type DockerSimulator, startDocker } from '../docker/start-docker.ts';
import type { TunnelEdge } from '../edge/tunnel-link.ts';
import { Journal } from './journal.ts';
import { type SystemdSimulator, startSystemd } from './start-systemd.ts';

export interface HostOptions {
  /** everything of this host lies below it */
  dir: string;
  edge: TunnelEdge;
  /** containers and units outlive the simulator, and run again after its next start as after a reboot */
  persist: boolean;
  images?: DockerOptions['images'];
  pullMs?: number;
  timings?: Partial<CloudflaredTimings>;
}

/** What points Berth's workers of one host at its simulators. */
export interface HostEnvironment {
  DOCKER_HOST: string;
  SYSTEMCTL_PATH: string;
  JOURNALCTL_PATH: string;
  SYSTEMD_UNIT_DIR: string;
  CLOUDFLARED_PATH: string;
  TUNNEL_CONFIG_DIR: string;
  /** simulated containers are listeners of the simulator: no firewall of this machine keeps them from anything */
  BERTH_FIREWALL: string;
}

export interface HostSimulator {
  env: HostEnvironment;
  /** anew after each `powerOn` */
  readonly docker: DockerSimulator;
  readonly systemd: SystemdSimulator;
  /** Everything on it ends at once, without a word to anybody; what is on its disk stays. Only with `persist`. */
  powerOff(): Promise<void>;
  /** It boots: the containers that ran run again, and the units that are enabled. */
  powerOn(): Promise<void>;
  stop(): Promise<void>;
}

// A unix socket's path must fit into 108 bytes with its end (unix(7)).
const longestSocketPath = 107;

/** Starts one host: a Docker Engine and a systemd. Several hosts share the loopback address, so their port ranges must differ. */
export async function startHost(options: HostOptions): Promise<HostSimulator> {
  const { dir, edge, persist, images, pullMs, timings } = options;
  mkdirSync(dir, { recursive: true });
  const socket = chooseSocket(dir);
  const tunnelDir = join(dir, 'tunnels');
  mkdirSync(tunnelDir, { recursive: true, mode: 0o700 });
  const journal = new Journal();
  const boot = async () => {
    const docker = await startDocker({
      socketPath: socket.path,
      images,
      pullMs,
      dataDir: persist ? join(dir, 'docker') : undefined,
    });
    const [unitDir, runDir] = [join(dir, 'units'), join(dir, 'run')];
    return { docker, systemd: startSystemd({ unitDir, runDir, edge, timings, journal }) };
  };
  let running = await boot();
  let isOn = true;

  async function powerOff(): Promise<void> {
    if (!isOn) return;
    isOn = false;
    running.systemd.stop();
    await running.docker.stop();
  }

  return {
    env: {
      DOCKER_HOST: running.docker.dockerHost,
      JOURNALCTL_PATH: running.systemd.journalctlPath,
      SYSTEMCTL_PATH: running.systemd.systemctlPath,
      SYSTEMD_UNIT_DIR: running.systemd.unitDir,
      CLOUDFLARED_PATH: running.systemd.cloudflaredPath,
      TUNNEL_CONFIG_DIR: tunnelDir,
      BERTH_FIREWALL: 'elsewhere',
    },
    get docker() {
      return running.docker;
    },
    get systemd() {
      return running.systemd;
    },
    async powerOff() {
      if (!persist) throw new Error('only a host that keeps its state can be switched off and on');
      await powerOff();
    },
    async powerOn() {
      if (isOn) return;
      running = await boot();
      isOn = true;
    },
    stop: async () => {
      await powerOff();
      if (socket.ownDir !== undefined) {
        rmSync(socket.ownDir, { recursive: true, force: true });
      }
      if (!persist) {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  };
}

function chooseSocket(dir: string): { path: string; ownDir: string | undefined } {
  const path = join(dir, 'docker.sock');
  if (Buffer.byteLength(path) <= longestSocketPath) {
    return { path, ownDir: undefined };
  }
  const ownDir = mkdtempSync(join(tmpdir(), 'berth-'));
  return { path: join(ownDir, 'docker.sock'), ownDir };
}
