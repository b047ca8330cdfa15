import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A Redis of a test's own. */
export interface TestRedis {
  url: string;
  port: number;
  /** Ends the server as a crash would; `start` brings it back, on the same port. */
  kill(): Promise<void>;
  /** Ends the server as an operator does: it writes down what it holds, where it is set to. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Server {
  process: ChildProcess;
  guard: ChildProcess;
}

/**
 * Starts a real redis-server on a free port, without files that outlive it.
 * @param settings further arguments of its command line; or, of a sentinel, the lines of its file
 * @param mode `cluster`: a node of one
 * @returns undefined where none is installed
 */
export async function startTestRedis(
  settings: readonly string[] = [],
  mode: 'server' | 'sentinel' | 'cluster' = 'server',
): Promise<TestRedis | undefined> {
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-redis-'));
  const port = await (mode === 'cluster' ? freeNodePort() : freeRedisPort());
  const more = mode === 'cluster' ? ['--cluster-enabled', 'yes', ...settings] : settings;
  let server: Server | undefined;

  async function start(): Promise<void> {
    server = await spawnServer(
      dir,
      mode === 'sentinel' ? sentinelArgs(port, dir, settings) : serverArgs(port, dir, more),
    );
    while (!(await answers(port))) {
      if (server.process.exitCode !== null) throw new Error('redis-server ended at once');
    }
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = server;
    server = undefined;
    if (!running) return;
    if (running.process.exitCode === null) {
      const ended = new Promise((resolve) => running.process.once('exit', resolve));
      running.process.kill(signal);
      await ended;
    }
    running.guard.kill('SIGKILL');
  }
  async function stop(): Promise<void> {
    await end('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }

  try {
    await start();
  } catch (error) {
    await stop();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: () => end('SIGKILL'),
    shutDown: () => end('SIGTERM'),
    start,
    stop,
  };
}

function serverArgs(port: number, dir: string, settings: readonly string[]): string[] {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
  return [...args, '--maxmemory-policy', 'noeviction', ...settings];
}

/** A sentinel keeps what it finds out in its file. */
function sentinelArgs(port: number, dir: string, settings: readonly string[]): string[] {
  const file = path.join(dir, 'sentinel.conf');
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${dir}`, ...settings, ''].join('\n'));
  return [file, '--sentinel'];
}

async function spawnServer(dir: string, args: string[]): Promise<Server> {
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('spawn', resolve);
  });
  return { process: server, guard: startGuard(server.pid, dir) };
}

/** A shell that waits for the end of its input, which comes when this process ends, however it ends; then the server goes too. */
function startGuard(pid: number | undefined, dir: string): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; rm -rf -- "$2"';
  return spawn('/bin/sh', ['-c', script, 'sh', String(pid), dir], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const end = (result: boolean) => {
      socket.destroy();
      setTimeout(() => resolve(result), result ? 0 : 20);
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Of these the system gives nobody one, neither to listen on nor to call from: one is still free when its server comes back. */
const PORTS = { first: 28_300, count: 4_400 };

/** A node of a cluster listens 10,000 above its port as well: within those. */
const BUS = 10_000;
const NODES = { first: 18_300, count: 1_700 };

/** A port that nobody has, and that the system gives nobody. */
export async function freeRedisPort(): Promise<number> {
  return freeOf(PORTS, isFree);
}

function freeNodePort(): Promise<number> {
  return freeOf(NODES, async (port) => (await isFree(port)) && isFree(port + BUS));
}

async function freeOf(
  { first, count }: { first: number; count: number },
  suits: (port: number) => Promise<boolean>,
): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = first + Math.floor(Math.random() * count);
    if (await suits(port)) return port;
  }
  throw new Error('no port is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
