import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningPostgres, startPostgres } from './start-postgres.ts';

/** Nothing here survives a crash of the machine, and nothing needs to. */
const FAST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_connections: 300,
} as const;

/**
 * A Postgres for tests, in a temporary directory, fast rather than durable. `stop()` also removes it; so does a guard when this
 * process dies without having called it.
 */
export async function startTemporaryPostgres(
  settings: Readonly<Record<string, string | number>> = {},
): Promise<RunningPostgres> {
  const home = mkdtempSync(path.join(tmpdir(), 'berth-postgres-'));
  chmodSync(home, 0o755);
  const postgres = await startPostgres({ dir: path.join(home, 'server'), settings: { ...FAST_SETTINGS, ...settings } });
  const guard = startGuard(postgres.pid, home, postgres.dir);
  return {
    ...postgres,
    async stop() {
      guard.kill('SIGKILL');
      await postgres.stop();
      for (const dir of [postgres.dir, home]) rmSync(dir, { recursive: true, force: true });
    },
  };
}

const GUARD = `
read -r _
kill -INT "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
shift
rm -rf -- "$@"
`;

/** A shell that waits for the end of its input, which comes when this process ends, however it ends. */
function startGuard(pid: number, ...dirs: string[]): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', String(pid), ...dirs], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  if (guard.stdin && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  return guard;
}
