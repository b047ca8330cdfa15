import { chmodSync, createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type Docker from 'dockerode';
import { execa } from 'execa';
import type { Engine } from '../engine/start-engine.ts';
import { DEBIAN_ROOT } from './debian-root.ts';

/** A Debian that a systemd of its own has booted, in a container that shares the tests' network. */
export interface SystemdHost {
  /** its systemd's process, as the tests see it */
  pid: number;
  /** a program that runs this host's systemctl; the folders of `paths` are the same here and there */
  systemctlPath: string;
  paths: { configDir: string; unitDir: string; cloudflared: string };
  /** Runs a program on the host. */
  run(program: string, ...args: string[]): Promise<Ran>;
  stop(): Promise<void>;
}

export interface Ran {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
}

interface HostOptions {
  name: string;
  /** of the stand-in for cloudflared, as `installStandIn` filled it */
  standInDir: string;
  /** further mounts, as Docker writes them */
  binds?: readonly string[];
  network?: string;
}

const IMAGE = 'berth-test/debian:1';
const BOOT_MS = 60_000;
const STAND_IN = '/opt/stand-in';
/** Where the units of the host's own lie. */
const UNITS = '/etc/systemd/system';

/** Boots one. Its image is brought to the Engine when it isn't there yet. */
export async function startHost(engine: Engine, options: HostOptions): Promise<SystemdHost> {
  const { docker } = engine;
  const dir = path.join(engine.dir, 'hosts', options.name);
  const [configDir, unitDir] = [path.join(dir, 'cloudflared'), path.join(dir, 'units')];
  for (const folder of [configDir, unitDir]) mkdirSync(folder, { recursive: true });
  await importDebian(docker);
  const hostConfig: Docker.HostConfig & { CgroupnsMode: 'host' } = {
    NetworkMode: options.network ?? 'host',
    CgroupnsMode: 'host',
    CapAdd: ['SYS_ADMIN', 'NET_ADMIN'],
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
    Tmpfs: { '/run': '', '/run/lock': '' },
    Binds: [
      '/sys/fs/cgroup:/sys/fs/cgroup:rw',
      `${process.execPath}:/usr/bin/node:ro`,
      `${options.standInDir}:${STAND_IN}:ro`,
      `${configDir}:${configDir}`,
      `${unitDir}:${UNITS}`,
      ...(options.binds ?? []),
    ],
  };
  const container = await docker.createContainer({
    name: options.name,
    Image: IMAGE,
    // A mount inside of a container isn't shared by itself, and then a unit's user can't read its credentials.
    Cmd: ['/bin/sh', '-c', 'mount --make-rshared / && exec /sbin/init'],
    Env: ['container=docker'],
    HostConfig: hostConfig,
  });
  await container.start();
  const { Pid: pid } = (await container.inspect()).State;
  const inside = ['-t', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid'];
  const run = async (...command: string[]): Promise<Ran> => {
    const { stdout, stderr, exitCode } = await execa('nsenter', [...inside, ...command], {
      reject: false,
      timeout: 60_000,
      stdin: 'ignore',
    });
    return { stdout, stderr, exitCode };
  };
  const systemctlPath = path.join(dir, 'systemctl');
  writeFileSync(systemctlPath, `#!/bin/sh\nexec nsenter ${inside.join(' ')} /usr/bin/systemctl "$@"\n`);
  chmodSync(systemctlPath, 0o755);
  await untilBooted(run);
  return {
    pid,
    systemctlPath,
    paths: { configDir, unitDir, cloudflared: `${STAND_IN}/cloudflared` },
    run,
    stop: () => container.remove({ force: true, v: true }),
  };
}

async function importDebian(docker: Docker): Promise<void> {
  const there = await docker.listImages({ filters: { reference: [IMAGE] } });
  if (there.length > 0) return;
  const archive = process.env[DEBIAN_ROOT];
  if (!archive) throw new Error(`${DEBIAN_ROOT} names no archive: run \`npm run test:real -- FILE\``);
  const [repo, tag] = IMAGE.split(':');
  const progress = await docker.importImage(createReadStream(archive), { repo, tag });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
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
