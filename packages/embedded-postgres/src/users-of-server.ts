import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identify } from './running-process.ts';

let handles = 0;

/**
 * Notes in `dir` that this process uses the server, so that the last process to leave stops it: two may share one, and one that was
 * killed leaves a server behind that the next one takes over.
 */
export function joinUsers(dir: string): { leave(): { othersRemain: boolean } } {
  mkdirSync(dir, { recursive: true });
  handles += 1;
  const own = path.join(dir, `${process.pid}-${handles}`);
  writeFileSync(own, identify(process.pid) ?? '');
  return {
    leave() {
      rmSync(own, { force: true });
      return { othersRemain: livingUsers(dir).length > 0 };
    },
  };
}

/** The process ids of those who use the server; notes of dead processes are removed. */
export function livingUsers(dir: string): number[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir).flatMap((name) => {
    const pid = Number.parseInt(name, 10);
    const file = path.join(dir, name);
    try {
      if (identify(pid) === readFileSync(file, 'utf8')) return [pid];
      rmSync(file, { force: true });
    } catch {
      // it left while we looked
    }
    return [];
  });
}
