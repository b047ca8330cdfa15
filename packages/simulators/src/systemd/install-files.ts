import { chmodSync, copyFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ExecFailure } from './unit.ts';

/**
 * A command that runs before the unit's program: `install [-m MODE] FILE… DIRECTORY/` is all that is known here.
 * @throws ExecFailure as the command or systemd would fail
 */
export function runBefore(words: readonly string[]): void {
  const [program = '', ...rest] = words;
  const path = program.replace(/^[-@+!:]+/, '');
  if (basename(path) !== 'install' || !existsSync(path)) {
    throw new ExecFailure(`Failed to locate executable ${path}: only install can run here`, 203);
  }
  const mode = rest[0] === '-m' ? Number.parseInt(rest[1] ?? '', 8) : 0o755;
  const places = rest[0] === '-m' ? rest.slice(2) : rest;
  const directory = places.at(-1) ?? '';
  for (const file of places.slice(0, -1)) {
    if (!existsSync(file)) throw new ExecFailure(`install: cannot stat '${file}': No such file or directory`, 1);
    if (!existsSync(directory)) throw new ExecFailure(`install: target '${directory}' is not a directory`, 1);
    const copy = join(directory, basename(file));
    copyFileSync(file, copy);
    chmodSync(copy, mode);
  }
}
