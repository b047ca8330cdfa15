import type Docker from 'dockerode';
import { execa } from 'execa';
import type { Engine } from '../engine/start-engine.ts';
import { importDebian } from './import-debian.ts';

/** A Debian that a systemd of its own has booted, in a container. */
export interface SystemdHost {
  /** its systemd's process, as the tests see it */
  pid: number;
  /** Runs a program on the host. */
  run(program: string, ...args: string[]): Promise<Ran>;
  /** The same with a time of its own to end in. */
  runFor(timeoutMs: number, program: string, ...args: string[]): Promise<Ran>;
  stop(): Promise<void>;
}

export interface Ran {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
}

interface HostOptions {
  name: string;
  /** `host`: that of the tests; `bridge`: one of its own */
  network: 'host' | 'bridge';
  /** mounts, as Docker writes them */
  binds: readonly string[];
}

/** Where the host finds Node. */
export const NODE = '/usr/bin/node';

const BOOT_MS = 180_000;
const RUN_MS = 120_000;

/** Boots one. Its image is brought to the Engine when it isn't there yet. */
export async function startHost({ docker }: Engine, { name, network, binds }: HostOptions): Promise<SystemdHost> {
  const image = await importDebian(docker);
  const hostConfig: Docker.HostConfig & { CgroupnsMode: 'host' } = {
    NetworkMode: network,
    CgroupnsMode: 'host',
    CapAdd: ['SYS_ADMIN', 'NET_ADMIN'],
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
    Tmpfs: { '/run': '', '/run/lock': '' },
    Binds: ['/sys/fs/cgroup:/sys/fs/cgroup:rw', `${process.execPath}:${NODE}:ro`, ...binds],
  };
  const container = await docker.createContainer({
    name,
    Image: image,
    // A mount inside of a container isn't shared by itself, and then a unit's user can't read its credentials.
    Cmd: ['/bin/sh', '-c', 'mount --make-rshared / && exec /sbin/init'],
    Env: ['container=docker'],
    HostConfig: hostConfig,
  });
  await container.start();
  const { State } = await container.inspect();
  const runFor = async (timeout: number, ...command: string[]): Promise<Ran> => {
    const { stdout, stderr, exitCode } = await execa('nsenter', [...enter(State.Pid), ...command], {
      reject: false,
      timeout,
      stdin: 'ignore',
    });
    return { stdout, stderr, exitCode };
  };
  const run = (...command: string[]) => runFor(RUN_MS, ...command);
  await untilBooted(run);
  return {
    pid: State.Pid,
    run,
    runFor,
    stop: () => container.remove({ force: true, v: true }),
  };
}

/** What nsenter needs to run something on the host with that process. */
export function enter(pid: number): string[] {
  return ['-t', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid'];
}

async function untilBooted(run: SystemdHost['run']): Promise<void> {
  let said = '';
  for (const until = Date.now() + BOOT_MS; Date.now() < until; ) {
    const { stdout, stderr } = await run('/usr/bin/systemctl', 'is-system-running');
    // Degraded: some of Debian's own units mean machines, not containers.
    if (/^(running|degraded)$/.test(stdout)) return;
    said = stdout || stderr;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`systemd has not booted after ${BOOT_MS / 1000} s: ${said}`);
}
