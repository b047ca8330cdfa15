import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { removePostgres } from '@berth/embedded-postgres/remove-postgres';

/** Where a demo keeps everything: `.berth/` of this clone, or `BERTH_DATA_DIR`. */
export interface DemoPlace {
  dir: string;
  postgres: string;
  simulators: string;
  logFile: string;
  /** the key that encrypts secrets at rest, made on the first start */
  secretsKey: string;
  /** Lets the next demo in. */
  leave(): void;
}

const CLONE = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Opens the demo's directory for this process alone.
 * @throws Error with a sentence for the user when another demo of this clone runs
 */
export async function openDemoPlace(fresh: boolean, dataDir?: string): Promise<DemoPlace> {
  const dir = path.resolve(dataDir ?? path.join(CLONE, '.berth'));
  mkdirSync(dir, { recursive: true });
  const lock = path.join(dir, 'demo.pid');
  takeLock(lock);
  const postgres = path.join(dir, 'postgres');
  const simulators = path.join(dir, 'simulators');
  const keyFile = path.join(dir, 'secrets-key');
  if (fresh) {
    await removePostgres(postgres);
    for (const old of [simulators, keyFile]) rmSync(old, { recursive: true, force: true });
  }
  if (!existsSync(keyFile)) writeFileSync(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  return {
    dir,
    postgres,
    simulators,
    logFile: path.join(dir, 'demo.log'),
    secretsKey: readFileSync(keyFile, 'utf8').trim(),
    leave: () => rmSync(lock, { force: true }),
  };
}

function takeLock(lock: string): void {
  for (;;) {
    try {
      writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number(readFileSync(lock, 'utf8'));
    if (holder > 0 && isAlive(holder)) {
      throw new Error(`the demo of this clone runs already, as process ${holder}; end it first (kill ${holder})`);
    }
    rmSync(lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
