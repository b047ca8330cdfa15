import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CallAnswer, toAnswer } from './answer.ts';
import type { Command } from './parse-command.ts';
import { toProperties, toTimestamp } from './show-unit.ts';
import type { Unit } from './unit.ts';
import { matchesPattern, type UnitManager } from './unit-manager.ts';

const isPattern = (name: string): boolean => /[*?[]/.test(name);

/** The units that names and patterns mean; patterns only those in memory, as in systemd. */
function findUnits(manager: UnitManager, names: string[]): Unit[] {
  return names.flatMap((name) =>
    isPattern(name) ? manager.list().filter((unit) => matchesPattern(unit.name, name)) : [manager.get(name)],
  );
}

export const systemdVersion = '252.38-1~deb12u1';

/** What is said of the manager itself, as far as anybody asks. */
const managerProperties: readonly [string, string][] = [
  ['Version', systemdVersion],
  ['Architecture', 'x86-64'],
  ['Tainted', ''],
  ['SystemState', 'running'],
];

/** `show`: KEY=VALUE lines, a blank line between units; an unknown unit is no failure. Without a name it's about the manager. */
export function show(manager: UnitManager, names: string[], { properties, flags }: Command): CallAnswer {
  const shown =
    names.length === 0
      ? [managerProperties]
      : findUnits(manager, names).map((unit): readonly [string, string][] => toProperties(manager, unit));
  const blocks = shown.map((pairs) =>
    pairs
      .filter(([key, value]) => (properties.length > 0 ? properties.includes(key) : value !== '' || flags.has('all')))
      .map(([key, value]) => (flags.has('value') ? `${value}\n` : `${key}=${value}\n`))
      .join(''),
  );
  return { stdout: blocks.join('\n'), stderr: '', exitCode: 0 };
}

/** `is-active`, `is-failed`: the state of each; 0 when one of them is so. */
export function isIn(
  manager: UnitManager,
  names: string[],
  state: 'active' | 'failed',
  { flags }: Command,
): CallAnswer {
  const states = findUnits(manager, names).map((unit) => unit.active);
  const exitCode = states.includes(state) ? 0 : state === 'active' ? 3 : 1;
  return toAnswer({ out: flags.has('quiet') ? [] : states, exitCode });
}

/** `is-enabled`: 0 when one of them is, 1 for those that are not or do not exist. */
export function isEnabled(manager: UnitManager, names: string[], { flags }: Command): CallAnswer {
  const states = names.map((name) => ({ name, state: manager.fileState(name) }));
  const missing = states.filter(({ state }) => state === '');
  return toAnswer({
    out: flags.has('quiet') ? [] : states.filter(({ state }) => state !== '').map(({ state }) => state),
    err: missing.map(({ name }) => `Failed to get unit file state for ${name}: No such file or directory`),
    exitCode: missing.length === 0 && states.some(({ state }) => ['enabled', 'static'].includes(state)) ? 0 : 1,
  });
}

/** `list-units`: those in memory; without `--all` only the ones that run, fail or have a job. */
export function listUnits(manager: UnitManager, patterns: string[], command: Command): CallAnswer {
  const { flags, states, types, output } = command;
  const found = manager
    .list()
    .filter(
      (unit) =>
        (patterns.length === 0 || patterns.some((pattern) => matchesPattern(unit.name, pattern))) &&
        (states.length === 0 ||
          states.some((state) => [unit.active, unit.sub, unit.loaded.loadState].includes(state))) &&
        (types.length === 0 || types.includes(unit.name.slice(unit.name.lastIndexOf('.') + 1))) &&
        (flags.has('all') || states.length > 0 || unit.active !== 'inactive'),
    );
  const rows = found.map((unit) => ({
    unit: unit.name,
    load: unit.loaded.loadState,
    active: unit.active,
    sub: unit.sub,
    description: unit.loaded.settings.description,
  }));
  if (output === 'json' || output === 'json-pretty' || output === 'json-short') {
    return toAnswer({ out: [JSON.stringify(rows)] });
  }
  const lines = rows.map((row) => `  ${row.unit} ${row.load} ${row.active} ${row.sub} ${row.description}`);
  const bare = flags.has('no-legend');
  return toAnswer({
    out: bare ? lines : ['  UNIT LOAD ACTIVE SUB DESCRIPTION', ...lines, '', `${rows.length} loaded units listed.`],
  });
}

/** `list-unit-files`: what lies in the unit directory. */
export function listUnitFiles(manager: UnitManager, patterns: string[], { flags, output }: Command): CallAnswer {
  const rows = manager
    .listFiles()
    .filter((name) => patterns.length === 0 || patterns.some((pattern) => matchesPattern(name, pattern)))
    .map((name) => ({ unit_file: name, state: manager.fileState(name), preset: 'enabled' }));
  if (output.startsWith('json')) {
    return toAnswer({ out: [JSON.stringify(rows)] });
  }
  const lines = rows.map((row) => `${row.unit_file} ${row.state} ${row.preset}`);
  const bare = flags.has('no-legend');
  return toAnswer({
    out: bare ? lines : ['UNIT FILE STATE PRESET', ...lines, '', `${rows.length} unit files listed.`],
  });
}

/** `cat`: fragment and drop-ins, each below its path. */
export function cat(manager: UnitManager, names: string[]): CallAnswer {
  const out: string[] = [];
  const err: string[] = [];
  for (const name of names) {
    const { fragmentPath, dropInPaths } = manager.get(name).loaded;
    if (fragmentPath === '' || !existsSync(join(manager.unitDir, name))) {
      err.push(`No files found for ${name}.`);
      continue;
    }
    out.push(...[fragmentPath, ...dropInPaths].map((path) => `# ${path}\n${readFileSync(path, 'utf8')}`));
  }
  return toAnswer({ out, err, exitCode: err.length > 0 ? 1 : 0 });
}

/** `status`: a short text; 0 running, 3 not, 4 unknown. */
export function status(manager: UnitManager, names: string[]): CallAnswer {
  const out: string[] = [];
  const err: string[] = [];
  let exitCode = 0;
  for (const unit of findUnits(manager, names)) {
    const { loadState, fragmentPath, settings } = unit.loaded;
    if (loadState === 'not-found' && unit.active === 'inactive') {
      err.push(`Unit ${unit.name} could not be found.`);
      exitCode = 4;
      continue;
    }
    exitCode = unit.active === 'active' ? exitCode : Math.max(exitCode, 3);
    out.push(
      `● ${unit.name} - ${settings.description}`,
      `     Loaded: ${loadState} (${fragmentPath}; ${manager.fileState(unit.name)}; preset: enabled)`,
      `     Active: ${unit.active} (${unit.sub}) since ${toTimestamp(unit.changedAt)}`,
      ...(unit.mainPid === 0 ? [] : [`   Main PID: ${unit.mainPid} (cloudflared)`]),
      '',
      ...unit.journal.slice(-10),
    );
  }
  return toAnswer({ out, err, exitCode });
}
