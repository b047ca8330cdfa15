import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { prepareBinaries } from './binaries.ts';
import { keepPassword, openClusterFiles } from './cluster-files.ts';
import { makeCluster } from './make-cluster.ts';
import { reachablePlace } from './own-place.ts';
import { ensureDatabase, USER } from './ping.ts';
import { findOrStartServer, stopServer } from './server-process.ts';
import { findServerUser } from './server-user.ts';
import { joinUsers } from './users-of-server.ts';

export interface PostgresOptions {
  /** where data, password, port and log are kept; made when it is missing */
  dir: string;
  /** default: the one that the last start used, else a free one */
  port?: number;
  /** for a new server; default: a random one. An existing server keeps its own */
  password?: string;
  /** further settings of postgresql.conf */
  settings?: Readonly<Record<string, string | number>>;
  /** told what a person should know, such as that data lies elsewhere */
  log?: (line: string) => void;
}

export interface RunningPostgres {
  /** of the database `berth`, with the password */
  url: string;
  databaseUrl(name: string): string;
  port: number;
  /** where the data really is: outside of the clone when the server's user can't read the clone */
  dir: string;
  pid: number;
  /** whether a server that ran already is used */
  reused: boolean;
  /** Stops the server, unless another process uses it too. Call it after everything that talks to it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts Postgres from the binaries of an npm package on 127.0.0.1, without a shell, an install script or anything installed; a
 * server of the same `dir` that already runs is used as it is. The server is in a session of its own: Ctrl-C doesn't reach it, so
 * that those who need it can end first. As root it runs as user `postgres`.
 * @throws Error in words for a person when the server can't be made or doesn't start
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { settings = {}, log = () => {} } = options;
  const user = findServerUser();
  const wanted = path.resolve(options.dir);
  const dir = reachablePlace(wanted, user);
  if (dir !== wanted) log(`user ${user?.name} cannot read ${wanted}; Postgres keeps its data in ${dir}`);
  const files = openClusterFiles(dir);
  const password = keepPassword(files, options.password);
  const binaries = prepareBinaries(user, files.libraries, log);
  const using = joinUsers(files.users);
  try {
    makeCluster({ files, binaries, user, password });
    const server = await findOrStartServer({ files, binaries, user, password, port: options.port, settings, log });
    const databaseUrl = (name: string) => urlOf(password, server.port, name);
    await ensureDatabase(databaseUrl('postgres'), 'berth');
    writeFileSync(files.port, `${server.port}\n`);
    return { ...server, url: databaseUrl('berth'), databaseUrl, dir, stop: once(() => leave(server.pid, using)) };
  } catch (error) {
    using.leave();
    throw error;
  }
}

function urlOf(password: string, port: number, database: string): string {
  return `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

async function leave(pid: number, using: { leave(): { othersRemain: boolean } }): Promise<void> {
  if (!using.leave().othersRemain) await stopServer(pid);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
