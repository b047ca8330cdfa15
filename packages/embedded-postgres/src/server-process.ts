import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Binaries } from './binaries.ts';
import { type ClusterFiles, readPostmaster, rememberedPort } from './cluster-files.ts';
import { findFreePort, isPortTaken } from './free-port.ts';
import { USER, waitUntilAnswering } from './ping.ts';
import { identify, waitUntilGone } from './running-process.ts';
import { serverEnvironment } from './server-environment.ts';
import type { ServerUser } from './server-user.ts';

interface ServerWish {
  files: ClusterFiles;
  binaries: Binaries;
  user: ServerUser | undefined;
  password: string;
  port: number | undefined;
  settings: Readonly<Record<string, string | number>>;
  log: (line: string) => void;
}

interface Server {
  pid: number;
  port: number;
  reused: boolean;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const TRIES = 3;
const LOG_MAX_BYTES = 5_000_000;

/** The server of `files`: the one that runs, else a new one; when somebody takes the port in between, on another. */
export async function findOrStartServer(wish: ServerWish): Promise<Server> {
  for (let tries = 1; ; tries += 1) {
    const running = await findServer(wish);
    if (running) return running;
    const port = await choosePort(wish);
    try {
      return await startServer(wish, port);
    } catch (error) {
      if (tries >= TRIES || (wish.port !== undefined && (await isPortTaken(wish.port)))) throw error;
    }
  }
}

async function findServer({ files, password }: ServerWish): Promise<Server | undefined> {
  const postmaster = readPostmaster(files);
  if (!postmaster) return undefined;
  const { pid, port } = postmaster;
  if (!isPostmasterOf(files, pid)) {
    // after a reboot the id may belong to any other program, and Postgres would refuse to start because of it
    if (identify(pid) !== undefined) rmSync(path.join(files.data, 'postmaster.pid'), { force: true });
    return undefined;
  }
  const gone = () => (isPostmasterOf(files, pid) ? undefined : new Error(`Postgres (process ${pid}) ended`));
  try {
    await waitUntilAnswering(postgresUrl(password, port), START_TIMEOUT_MS, gone);
    return { pid, port, reused: true };
  } catch (cause) {
    if (gone()) return undefined;
    throw new Error(`Postgres runs in ${files.data} as process ${pid}, but does not answer on port ${port}`, { cause });
  }
}

/** Whether the process `pid` is the Postgres of these files, and not a later process that got the same id. */
export function isPostmasterOf(files: ClusterFiles, pid: number): boolean {
  return identify(pid)?.includes(`-D ${files.data} `) ?? false;
}

async function choosePort({ port, files, log }: ServerWish): Promise<number> {
  if (port !== undefined) {
    if (await isPortTaken(port)) throw new Error(`port ${port}, wanted for Postgres, is taken by another program`);
    return port;
  }
  const former = rememberedPort(files);
  if (former === undefined) return findFreePort();
  if (!(await isPortTaken(former))) return former;
  const other = await findFreePort();
  log(`port ${former} is taken by another program; Postgres takes ${other}`);
  return other;
}

async function startServer(wish: ServerWish, port: number): Promise<Server> {
  const { files, binaries, user, password } = wish;
  const logFile = openLog(files);
  const child = spawn(binaries.postgres, serverArguments(wish, port), {
    ...(user && { uid: user.uid, gid: user.gid }),
    cwd: files.data,
    env: serverEnvironment(binaries),
    detached: true,
    stdio: ['ignore', logFile, logFile],
  });
  closeSync(logFile);
  const { ended } = watch(child, files);
  try {
    await waitUntilAnswering(postgresUrl(password, port), START_TIMEOUT_MS, ended);
  } catch (error) {
    child.kill('SIGQUIT');
    throw error;
  }
  child.unref();
  const end = ended();
  if (child.pid === undefined || end) throw end ?? new Error('Postgres has no process id');
  return { pid: child.pid, port, reused: false };
}

function serverArguments({ files, settings }: ServerWish, port: number): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    // the usual socket directories are often not writable
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  return ['-D', files.data, '-p', String(port), ...Object.entries(all).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
}

function openLog(files: ClusterFiles): number {
  const large = (statSync(files.log, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES;
  return openSync(files.log, large ? 'w' : 'a', 0o600);
}

function watch(child: ChildProcess, files: ClusterFiles): { ended: () => Error | undefined } {
  let failed: Error | undefined;
  let status: string | number | undefined;
  child.once('error', (cause) => {
    failed = new Error('Postgres could not be started', { cause });
  });
  child.once('exit', (code, signal) => {
    status = signal ?? code ?? 'unknown';
  });
  // The log is read only when somebody asks: after a regular stop it may have been removed.
  const ended = () =>
    failed ??
    (status === undefined
      ? undefined
      : new Error(`Postgres ended (${status}); ${files.log} ends with:\n${lastLines(files.log, 5)}`));
  return { ended };
}

function lastLines(file: string, count: number): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

function postgresUrl(password: string, port: number): string {
  return `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

/** Ends the server: connections are closed and everything is written; if that takes too long, at once. */
export async function stopServer(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await waitUntilGone(pid, STOP_TIMEOUT_MS)) return;
  }
}
