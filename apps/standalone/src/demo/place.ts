import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { removePostgres } from '@berth/embedded-postgres/remove-postgres';
import { openPlainPath } from './plain-path.ts';
import { takeLock } from './take-lock.ts';

/** Where a demo keeps everything: `.berth/` of this clone, or `BERTH_DATA_DIR`. */
export interface DemoPlace {
  dir: string;
  postgres: string;
  simulators: string;
  logFile: string;
  apiKeys: { orderSystem: string; operator: string };
  /** the key that encrypts secrets at rest, made on the first start */
  secretsKey: string;
  /** whether an earlier demo left its work here */
  goesOn: boolean;
  /** Lets the next demo in. */
  leave(): void;
}

interface PlaceOptions {
  fresh: boolean;
  dataDir?: string | undefined;
  /** a folder below it, for a kind of demo that shares nothing with the others */
  part?: string;
}

const CLONE = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Opens the demo's directory for this process alone.
 * @throws Error with a sentence for the user when another demo of this clone runs
 */
export async function openDemoPlace({ fresh, dataDir, part = '' }: PlaceOptions): Promise<DemoPlace> {
  const dir = path.resolve(dataDir || path.join(CLONE, '.berth'), part);
  mkdirSync(dir, { recursive: true });
  const unlock = takeLock(path.join(dir, 'demo.lock'));
  try {
    return await openLocked(dir, fresh, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function openLocked(dir: string, fresh: boolean, unlock: () => void): Promise<DemoPlace> {
  const at = (name: string) => path.join(dir, name);
  const keyFile = at('secrets-key');
  const apiKeys = { orderSystem: at('order-system-key'), operator: at('operator-key') };
  const goesOn = !fresh && existsSync(keyFile);
  if (!goesOn) {
    // The key goes first and comes last: without it nothing that lies here can be read, so it all is removed at the next start.
    rmSync(keyFile, { force: true });
    await removePostgres(at('postgres'));
    for (const old of [at('simulators'), ...Object.values(apiKeys)]) rmSync(old, { recursive: true, force: true });
    writeFileSync(`${keyFile}.draft`, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    renameSync(`${keyFile}.draft`, keyFile);
  }
  mkdirSync(at('simulators'), { recursive: true, mode: 0o700 });
  const simulators = openPlainPath(at('simulators'));
  return {
    dir,
    postgres: at('postgres'),
    simulators: simulators.path,
    logFile: at('demo.log'),
    apiKeys,
    secretsKey: readFileSync(keyFile, 'utf8').trim(),
    goesOn,
    leave() {
      simulators.remove();
      unlock();
    },
  };
}
