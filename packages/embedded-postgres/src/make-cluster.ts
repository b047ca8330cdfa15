import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Binaries, moveUnlessThere } from './binaries.ts';
import { type ClusterFiles, withPrivateFile } from './cluster-files.ts';
import { USER } from './ping.ts';
import { serverEnvironment } from './server-environment.ts';
import type { ServerUser } from './server-user.ts';

interface ClusterWish {
  files: ClusterFiles;
  binaries: Binaries;
  user: ServerUser | undefined;
  password: string;
}

/**
 * Makes the data directory when it is missing. It gets its name only when it is complete, so that a process killed on the way, or
 * a second one at the same time, leaves no half of it behind.
 */
export function makeCluster({ files, binaries, user, password }: ClusterWish): void {
  if (existsSync(path.join(files.data, 'PG_VERSION'))) return;
  const draft = `${files.data}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  chmodSync(draft, 0o700);
  if (user) chownSync(draft, user.uid, user.gid);
  try {
    withPrivateFile(files.dir, password, user, (passwordFile) => initialize(draft, passwordFile, binaries, user));
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
  moveUnlessThere(draft, files.data);
}

function initialize(data: string, passwordFile: string, binaries: Binaries, user: ServerUser | undefined): void {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${USER}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  try {
    execFileSync(binaries.initdb, [`--pgdata=${data}`, ...access, ...locale, '--no-sync'], {
      ...(user && { uid: user.uid, gid: user.gid }),
      cwd: data,
      env: serverEnvironment(binaries),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new Error(`making a Postgres database in ${data} failed: ${said}`, { cause });
  }
}
