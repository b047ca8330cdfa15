import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { onPath } from '../engine/own-namespaces.ts';

/** Names the archive for the tests: inside of their namespaces there is no network to make one. */
export const DEBIAN_ROOT = 'BERTH_DEBIAN_ROOT';

/** libstdc++6 is for the machine's Node, which is lent to the host; iproute2 and iptables for the workers. */
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'libstdc++6', 'iproute2', 'iptables'];
const NOT_NEEDED = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'];

/** Why no host with a systemd of its own can be made here; undefined when it can. */
export function whyNoDebianRoot(): string | undefined {
  if (existsSync(archivePath())) return undefined;
  if (!onPath('debootstrap')) return 'debootstrap is not installed (Debian: apt-get install debootstrap)';
  return findMirror() ? undefined : "apt names no http mirror of this machine's release (see `apt-get indextargets`)";
}

/**
 * The archive of a small Debian with systemd, made from this machine's apt mirror when it's missing, and kept for the next time.
 * @throws Error with debootstrap's last lines
 */
export function makeDebianRoot(): string {
  const archive = archivePath();
  if (existsSync(archive)) return archive;
  process.stderr.write('berth: making a small Debian with systemd for the tests, which takes about a minute once\n');
  const mirror = findMirror();
  if (!mirror) throw new Error(whyNoDebianRoot());
  mkdirSync(path.dirname(archive), { recursive: true });
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-debian-'));
  try {
    const args = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, mirror.release, dir, mirror.uri];
    const { status, stdout, stderr } = spawnSync('debootstrap', args, { encoding: 'utf8', env: withProxy() });
    if (status !== 0) throw new Error(`debootstrap failed:\n${(stdout + stderr).split('\n').slice(-10).join('\n')}`);
    for (const place of NOT_NEEDED) rmSync(path.join(dir, place), { recursive: true, force: true });
    const draft = `${archive}.${process.pid}.draft`;
    execFileSync('tar', ['-C', dir, '--numeric-owner', '-cf', draft, '.']);
    renameSync(draft, archive);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return archive;
}

/** Outside of the clone, so that a fresh one finds it. */
function archivePath(): string {
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const version = createHash('sha256')
    .update([...PACKAGES, ...NOT_NEEDED].join())
    .digest('hex')
    .slice(0, 8);
  return path.join(cache, 'berth', `${release()}-${version}.tar`);
}

function release(): string {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^VERSION_CODENAME=(\w+)/m.exec(text)?.[1] ?? 'unknown';
}

/** Where apt gets this machine's release from. */
function findMirror(): { uri: string; release: string } | undefined {
  const format = ['--format', '$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT)', 'Created-By: Packages'];
  const { stdout } = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' });
  for (const line of (stdout ?? '').split('\n')) {
    const [uri = '', named, codename, component] = line.split(' ');
    const isRelease = named === release() || codename === release();
    if (component === 'main' && isRelease && /^(https?|file):/.test(uri)) return { uri, release: release() };
  }
  return undefined;
}

/** debootstrap goes the way that apt goes. */
function withProxy(): NodeJS.ProcessEnv {
  const { stdout } = spawnSync('apt-config', ['shell', 'http', 'Acquire::http::Proxy'], { encoding: 'utf8' });
  const proxy = /^http='(http.+)'$/m.exec(stdout ?? '')?.[1];
  return proxy ? { ...process.env, http_proxy: proxy } : process.env;
}
