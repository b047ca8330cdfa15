import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '@berth/embedded-postgres/free-port';
import { findServerUser } from '@berth/embedded-postgres/server-user';
import pg from 'pg';
import { type Ran, run } from './command.ts';
import { until } from './until.ts';

const PLACE = '/usr/lib/postgresql';
const USER = 'berth';

/** A Postgres of Debian's, with the programs beside it by which people back it up. */
export interface DebianPostgres {
  urlOf(database: string): string;
  /** Runs one of its programs as `berth`, as its container would. */
  run(program: string, ...args: string[]): Promise<Ran>;
  stop(): Promise<void>;
}

/** Why none can be started here; undefined when one can. */
export function whyNoDebianPostgres(): string | undefined {
  return newest() ? undefined : 'no pg_dump with its server is installed (Debian: apt-get install postgresql)';
}

function newest(): string | undefined {
  if (!existsSync(PLACE)) return undefined;
  const places = readdirSync(PLACE).sort((one, other) => Number(other) - Number(one));
  const has = (bin: string) => ['initdb', 'postgres', 'pg_dump'].every((name) => existsSync(path.join(bin, name)));
  return places.map((version) => path.join(PLACE, version, 'bin')).find(has);
}

/** Starts one with an empty cluster; nothing of it is left after `stop`. */
export async function startDebianPostgres(): Promise<DebianPostgres> {
  const bin = newest();
  if (!bin) throw new Error(whyNoDebianPostgres());
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-debian-postgres-'));
  const [data, passwordFile] = [path.join(dir, 'data'), path.join(dir, 'password')];
  const password = 'of-the-test';
  writeFileSync(passwordFile, password);
  const user = findServerUser();
  if (user) for (const file of [dir, passwordFile]) chownSync(file, user.uid, user.gid);
  const as = user && { uid: user.uid, gid: user.gid };
  const initdb = ['-D', data, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '-E', 'UTF8'];
  execFileSync(path.join(bin, 'initdb'), [...initdb, '--no-locale', '--no-sync'], { ...as, cwd: dir, stdio: 'ignore' });
  const port = await findFreePort();
  const settings = ['-h', '127.0.0.1', '-p', String(port), '-k', dir, '-c', 'fsync=off'];
  const server = spawn(path.join(bin, 'postgres'), ['-D', data, ...settings], { ...as, cwd: dir, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const urlOf = (database: string) => `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;
  await until('Postgres answers', () => answers(urlOf('postgres')));
  return {
    urlOf,
    run: (program, ...args) =>
      run(path.join(bin, program), args, {
        PGHOST: '127.0.0.1',
        PGPORT: String(port),
        PGUSER: USER,
        PGPASSWORD: password,
      }),
    async stop() {
      server.kill('SIGINT');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
