import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));

/** Copies what git holds or would take of this clone, as a person has it after `git clone`. */
export function makeFreshClone(to: string): void {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  for (const file of execFileSync('git', list, { cwd: CLONE, encoding: 'utf8' }).split('\0')) {
    if (file === '' || !existsSync(path.join(CLONE, file))) continue;
    mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
    copyFileSync(path.join(CLONE, file), path.join(to, file));
  }
}
