import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identify } from '@berth/embedded-postgres/running-process';

/**
 * Takes a lock file for this process; that of a process which is gone is taken over.
 * @returns gives the lock back
 * @throws Error with a sentence for the user when a living process holds it
 */
export function takeLock(file: string): () => void {
  const own = `${process.pid} ${identify(process.pid) ?? ''}`;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, own);
  try {
    // unlike an exclusive open, a link is there with its content or not at all
    while (!tryLink(draft, file)) {
      const holder = read(file);
      const pid = Number.parseInt(holder ?? '', 10);
      if (holder !== undefined && holder === `${pid} ${identify(pid)}`) {
        throw new Error(`the demo of this clone runs already, as process ${pid}; end it first (kill ${pid})`);
      }
      if (holder !== undefined) dismiss(file, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (read(file) === own) rmSync(file, { force: true });
  };
}

/** Removes the lock of a process that is gone, but not one that another took in between. */
function dismiss(file: string, holder: string): void {
  const aside = `${file}.${process.pid}.aside`;
  try {
    renameSync(file, aside);
    if (read(aside) !== holder) tryLink(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
