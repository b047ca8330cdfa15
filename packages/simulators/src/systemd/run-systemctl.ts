import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CallAnswer, toAnswer } from './answer.ts';
import { runJobs } from './job-verbs.ts';
import { toUnitName } from './load-unit.ts';
import { type Command, parseCommand } from './parse-command.ts';
import { cat, isEnabled, isIn, listUnitFiles, listUnits, show, status, systemdVersion } from './query-verbs.ts';
import { matchesPattern, type UnitManager } from './unit-manager.ts';

const signals: Record<string, number> = { HUP: 1, INT: 2, QUIT: 3, ABRT: 6, KILL: 9, TERM: 15 };

/** Does what the words behind `systemctl` ask and answers with systemd 252's texts and exit statuses. */
export async function runSystemctl(manager: UnitManager, words: string[]): Promise<CallAnswer> {
  let command: Command;
  try {
    command = parseCommand(words);
  } catch (error) {
    return toAnswer({ err: [error instanceof Error ? error.message : String(error)], exitCode: 1 });
  }
  const { verb, names } = command;
  const units = names.map((name) => (/[*?[]/.test(name) ? name : toUnitName(name)));
  if (needsNames.has(verb) && units.length === 0) {
    return toAnswer({ err: ['Too few arguments.'], exitCode: 1 });
  }
  const act = verbs[verb];
  return act === undefined
    ? toAnswer({ err: [`Unknown command verb ${verb}.`], exitCode: 1 })
    : act(manager, units, command);
}

type Act = (manager: UnitManager, units: string[], command: Command) => CallAnswer | Promise<CallAnswer>;

const verbs: Record<string, Act> = {
  version: () => toAnswer({ out: [`systemd 252 (${systemdVersion})`, '+PAM'] }),
  'is-system-running': () => toAnswer({ out: ['running'] }),
  'daemon-reload': (manager) => {
    manager.daemonReload();
    return toAnswer({});
  },
  start: (manager, units, command) => runJobs(manager, 'start', expand(manager, units), command),
  stop: (manager, units, command) => runJobs(manager, 'stop', expand(manager, units), command),
  restart: (manager, units, command) => runJobs(manager, 'restart', expand(manager, units), command),
  'try-restart': (manager, units, command) => runJobs(manager, 'try-restart', expand(manager, units), command),
  enable,
  disable,
  kill,
  'reset-failed': (manager, units) => resetFailed(manager, expand(manager, units)),
  'is-active': (manager, units, command) => isIn(manager, units, 'active', command),
  'is-failed': (manager, units, command) => isIn(manager, units, 'failed', command),
  'is-enabled': isEnabled,
  show,
  'list-units': listUnits,
  'list-unit-files': listUnitFiles,
  cat,
  status,
};

const needsNames = new Set([
  'start',
  'stop',
  'restart',
  'try-restart',
  'enable',
  'disable',
  'kill',
  'is-active',
  'is-enabled',
  'cat',
]);

/** Patterns stand for the units in memory. */
function expand(manager: UnitManager, names: string[]): string[] {
  return names.flatMap((name) =>
    /[*?[]/.test(name)
      ? manager
          .list()
          .map((unit) => unit.name)
          .filter((unit) => matchesPattern(unit, name))
      : [name],
  );
}

async function enable(manager: UnitManager, names: string[], command: Command): Promise<CallAnswer> {
  const missing = names.find((name) => !existsSync(join(manager.unitDir, name)));
  if (missing !== undefined) {
    return toAnswer({ err: [`Failed to enable unit: Unit file ${missing} does not exist.`], exitCode: 1 });
  }
  const err = names.flatMap((name) => manager.enable(name)).map(([link, file]) => `Created symlink ${link} → ${file}.`);
  if (!command.flags.has('no-reload')) {
    manager.daemonReload();
  }
  return command.flags.has('now') ? withFirst(err, await runJobs(manager, 'start', names, command)) : toAnswer({ err });
}

async function disable(manager: UnitManager, names: string[], command: Command): Promise<CallAnswer> {
  const removed = names.map((name) => ({ name, links: manager.disable(name) }));
  const missing = removed.find(({ name, links }) => links.length === 0 && !existsSync(join(manager.unitDir, name)));
  if (missing !== undefined) {
    return toAnswer({ err: [`Failed to disable unit: Unit file ${missing.name} does not exist.`], exitCode: 1 });
  }
  const err = removed.flatMap(({ links }) => links).map((link) => `Removed "${link}".`);
  if (!command.flags.has('no-reload')) {
    manager.daemonReload();
  }
  return command.flags.has('now') ? withFirst(err, await runJobs(manager, 'stop', names, command)) : toAnswer({ err });
}

const withFirst = (lines: string[], answer: CallAnswer): CallAnswer => ({
  ...answer,
  stderr: lines.map((line) => `${line}\n`).join('') + answer.stderr,
});

function kill(manager: UnitManager, names: string[], { signal }: Command): CallAnswer {
  const number = /^\d+$/.test(signal) ? Number(signal) : (signals[signal.replace(/^SIG/, '')] ?? 15);
  const err = expand(manager, names).flatMap((name) => {
    if (!manager.isInMemory(name)) {
      return [`Failed to kill unit ${name}: Unit ${name} not loaded.`];
    }
    manager.get(name).kill(number);
    return [];
  });
  return toAnswer({ err, exitCode: err.length > 0 ? 1 : 0 });
}

function resetFailed(manager: UnitManager, names: string[]): CallAnswer {
  const wanted = names.length > 0 ? names : manager.list().map((unit) => unit.name);
  const err = wanted.flatMap((name) => {
    if (!manager.isInMemory(name)) {
      return [`Failed to reset failed state of unit ${name}: Unit ${name} not loaded.`];
    }
    manager.get(name).resetFailed();
    return [];
  });
  manager.collect();
  return toAnswer({ err, exitCode: err.length > 0 ? 1 : 0 });
}
