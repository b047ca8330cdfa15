import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeCgroups } from './cgroups.ts';

/** Names the run whose namespaces these are; set only inside, where a daemon of ours may write the firewall. */
const MARK = 'BERTH_OWN_NAMESPACES';

const PROGRAMS: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  'docker-init': 'docker.io',
  busybox: 'busybox-static',
  iptables: 'iptables',
  ip6tables: 'iptables',
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
};

/**
 * Runs a command in namespaces of its own (network with loopback, mounts, processes) and with a temporary directory of its own. Whatever
 * it starts, mounts or writes there is gone with it, also when it is killed.
 * @param output an open file that takes what it writes
 * @returns its exit status
 */
export async function runInOwnNamespaces(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  output: 'inherit' | number = 'inherit',
): Promise<number> {
  const run = randomBytes(6).toString('hex');
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-real-'));
  try {
    const stdio = ['inherit', output, output] as const;
    const child = spawn('unshare', inside(command), { stdio: [...stdio], env: { ...env, TMPDIR: dir, [MARK]: run } });
    const pass = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass);
    return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  } finally {
    await removeCgroups(cgroupOf(run));
    rmSync(dir, { recursive: true, force: true });
  }
}

/** `docker-init` is the first process there: it collects orphans, which a shell or Node would leave as zombies. */
function inside(command: readonly string[]): string[] {
  const unshare = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return [...unshare, 'docker-init', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...command];
}

/** The run that this process belongs to; undefined when its namespaces are others' too. */
export function ownRun(): string | undefined {
  return process.env[MARK];
}

/** The control group of all containers of a run. */
export function cgroupOf(run: string): string {
  return `berth-${run}`;
}

/** Why no daemon of ours can run on this machine; undefined when it can. */
export function whyNoRealEngine(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root (network and mount namespaces, dockerd)';
  const missing = Object.entries(PROGRAMS).filter(([program]) => !onPath(program));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    return `${missing.map(([program]) => program).join(', ')} not installed (Debian: apt-get install ${packages})`;
  }
  const probe = inside(['iptables', '-w', '-t', 'nat', '-S']);
  const tried = spawnSync('unshare', probe, { encoding: 'utf8', timeout: 10_000 });
  if (tried.status === 0) return undefined;
  return `no namespaces with a firewall of their own can be made here: ${(tried.stderr || String(tried.error ?? '')).trim()}`;
}

/** Whether a program is installed. */
export function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((dir) => existsSync(path.join(dir, program)));
}
