import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeOpenDirectory } from './own-place.ts';
import type { ServerUser } from './server-user.ts';

/** Where everything of one server lies. */
export interface ClusterFiles {
  dir: string;
  data: string;
  log: string;
  users: string;
  libraries: string;
  password: string;
  port: string;
}

/** Makes `dir` and names what is kept in it. */
export function openClusterFiles(dir: string): ClusterFiles {
  makeOpenDirectory(dir);
  const at = (name: string) => path.join(dir, name);
  return {
    dir,
    data: at('data'),
    log: at('postgres.log'),
    users: at('users'),
    libraries: at('lib'),
    password: at('password'),
    port: at('port'),
  };
}

/** The server's password: the one kept, else `given`, else a random one; kept with mode 0600. */
export function keepPassword(files: ClusterFiles, given: string | undefined): string {
  if (!existsSync(files.password)) {
    const draft = `${files.password}.${process.pid}`;
    writeFileSync(draft, given ?? randomBytes(24).toString('base64url'), { mode: 0o600 });
    try {
      // unlike a rename, a link fails where another process was faster
      linkSync(draft, files.password);
    } catch (error) {
      if (!existsSync(files.password)) throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }
  return readFileSync(files.password, 'utf8').trim();
}

/** Runs `work` with a file that holds `text` and that only the server's user can read. */
export function withPrivateFile(dir: string, text: string, user: ServerUser | undefined, work: (file: string) => void) {
  const file = path.join(dir, `.private-${process.pid}`);
  writeFileSync(file, text, { mode: 0o600 });
  try {
    if (user) chownSync(file, user.uid, user.gid);
    work(file);
  } finally {
    rmSync(file, { force: true });
  }
}

/** The port that the last start used. */
export function rememberedPort(files: ClusterFiles): number | undefined {
  if (!existsSync(files.port)) return undefined;
  const port = Number.parseInt(readFileSync(files.port, 'utf8'), 10);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** What `postmaster.pid` says: the server's process id and its port. */
export function readPostmaster(files: ClusterFiles): { pid: number; port: number } | undefined {
  try {
    const lines = readFileSync(path.join(files.data, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return Number.isInteger(pid) && pid > 0 ? { pid, port } : undefined;
  } catch {
    return undefined;
  }
}
