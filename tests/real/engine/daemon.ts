import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import { commandOf, killProcess, processes, wordsOf } from './processes.ts';

const ANSWER_MS = 60_000;
const PING_MS = 5000;
const TRIES = 3;

/** One dockerd that can be stopped, killed and started again over the same files. */
export interface Daemon {
  socketPath: string;
  /** everything that it has logged */
  log(): string;
  isRunning(): boolean;
  start(): Promise<void>;
  /** Ends it and waits for that. With live-restore its containers go on. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * A dockerd below `dir`, not started yet. Further `flags` are its own.
 * @param before words that run it elsewhere, such as `nsenter -t PID -n`
 */
export function makeDaemon(
  dir: string,
  cgroupParent: string,
  flags: readonly string[],
  before: readonly string[] = [],
): Daemon {
  const at = (name: string) => path.join(dir, name);
  const socketPath = at('docker.sock');
  const logFile = at('dockerd.log');
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;

  function launch(): void {
    // After a SIGKILL it still names a process, and dockerd would take whoever has that number now for itself.
    rmSync(at('dockerd.pid'), { force: true });
    const places = [
      '--data-root',
      at('data'),
      '--exec-root',
      at('exec'),
      '-p',
      at('dockerd.pid'),
      '-H',
      `unix://${socketPath}`,
    ];
    const log = openSync(logFile, 'a');
    const words = [...before, 'dockerd', ...places, '--cgroup-parent', `/${cgroupParent}`, ...flags];
    const started = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', log, log] });
    ended = new Promise((resolve) => {
      started.once('exit', resolve);
      started.once('error', resolve);
    });
    child = started;
  }

  const log = () => readFileSync(logFile, 'utf8');
  return {
    socketPath,
    log,
    isRunning,
    async start() {
      // The first start after a SIGKILL can fail while the containerd of the killed one goes down (seen with 20.10).
      for (let tries = 1; tries <= TRIES; tries += 1) {
        launch();
        if (await answers(socketPath, isRunning)) return;
        await this.end('SIGKILL');
      }
      throw new Error(`dockerd does not answer:\n${log().split('\n').slice(-20).join('\n')}`);
    },
    async end(signal = 'SIGTERM') {
      if (isRunning()) child?.kill(signal);
      await ended;
    },
  };
}

async function answers(socketPath: string, isRunning: () => boolean): Promise<boolean> {
  const docker = new Docker({ socketPath });
  for (const until = Date.now() + ANSWER_MS; Date.now() < until && isRunning(); ) {
    const answered = docker.ping().then(
      () => true,
      () => false,
    );
    if (await Promise.race([answered, pause(PING_MS).then(() => false)])) return true;
    await pause(20);
  }
  return false;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends the containerd that dockerd keeps and what it has left, and lets go of everything that is mounted below `dir`. */
export async function releaseFiles(dir: string): Promise<void> {
  await endContainerd(path.join(dir, 'exec/containerd/containerd.pid'));
  await endShims(dir);
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((place) => place.startsWith(`${dir}/`)).reverse()) {
    // Who made it may just have let go of it.
    spawnSync('umount', ['--lazy', mount]);
  }
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/**
 * A container's shim ends a moment after its container, and until then writes below `dir`; one that a killed daemon has forgotten never ends.
 */
async function endShims(dir: string): Promise<void> {
  const isShim = (pid: number) => {
    const [program = '', ...words] = wordsOf(pid);
    return path.basename(program).startsWith('containerd-shim') && words.some((word) => word.startsWith(`${dir}/`));
  };
  const left = () => processes().filter(isShim);
  for (let pids = left(); pids.length > 0; pids = left()) {
    for (const pid of pids) killProcess(pid);
    await pause(20);
  }
}

async function endContainerd(pidFile: string): Promise<void> {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    while (commandOf(pid) === 'containerd') {
      killProcess(pid);
      await pause(20);
    }
  } catch {
    // It ended with its dockerd, and so did the file.
  }
}
