import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findSetting, listSetting, parseTimeSpan, parseUnitText, type Setting, splitWords } from './parse-unit.ts';

export interface ServiceSettings {
  description: string;
  type: string;
  /** program and arguments, specifiers not yet put in */
  execStart: string[];
  /** what runs before it, likewise */
  execStartPre: string[][];
  /** `RuntimeDirectory=`: names below the runtime directory */
  runtimeDirectories: string[];
  runtimeDirectoryMode: number;
  restart: string;
  restartMs: number;
  timeoutStartMs: number;
  timeoutStopMs: number;
  startLimitBurst: number;
  startLimitIntervalMs: number;
  /** `LoadCredential=`: name and source */
  credentials: Array<{ name: string; source: string }>;
  wantedBy: string[];
  notifyAccess: string;
}

export interface LoadedUnit {
  loadState: 'loaded' | 'not-found' | 'bad-setting' | 'masked';
  fragmentPath: string;
  dropInPaths: string[];
  settings: ServiceSettings;
  /** changes when one of the files does */
  stamp: string;
}

const known = new Set(['simple', 'exec', 'notify', 'oneshot', 'forking', 'idle', 'dbus', 'notify-reload']);

/** The name with its suffix, and with what no name may hold escaped, as systemctl completes it: strange names aren't refused. */
export function toUnitName(given: string): string {
  const name = escapeName(given);
  return /\.(service|target|timer|socket|path|slice|mount|scope)$/.test(name) ? name : `${name}.service`;
}

function escapeName(name: string): string {
  return [...Buffer.from(name)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      if (letter === '/') return '-';
      return /[A-Za-z0-9:_.@\\-]/.test(letter) ? letter : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** The unit as its files say now; `not-found` when there is no fragment. */
export function loadUnit(unitDir: string, name: string): LoadedUnit {
  const fragmentPath = join(unitDir, name);
  if (!existsSync(fragmentPath)) {
    return { loadState: 'not-found', fragmentPath: '', dropInPaths: [], settings: toSettings([], name), stamp: '' };
  }
  if (isMasked(unitDir, name)) {
    return {
      loadState: 'masked',
      fragmentPath,
      dropInPaths: [],
      settings: toSettings([], name),
      stamp: toStamp(unitDir, name),
    };
  }
  const dropInPaths = listDropIns(unitDir, name);
  const settings = [fragmentPath, ...dropInPaths].flatMap((path) => parseUnitText(readFileSync(path, 'utf8')));
  const service = toSettings(settings, name);
  const commands = listSetting(settings, 'Service', 'ExecStart');
  const bad = commands.length === 0 || (commands.length > 1 && service.type !== 'oneshot') || !known.has(service.type);
  return {
    loadState: bad ? 'bad-setting' : 'loaded',
    fragmentPath,
    dropInPaths,
    settings: service,
    stamp: toStamp(unitDir, name),
  };
}

/** Whether a link to nothing stands in the unit's place. */
export function isMasked(unitDir: string, name: string): boolean {
  return readlinkOf(join(unitDir, name)) === '/dev/null';
}

function readlinkOf(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

/** What `NeedDaemonReload` compares: the files of a unit with their times. */
export function toStamp(unitDir: string, name: string): string {
  return [join(unitDir, name), ...listDropIns(unitDir, name)]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return `${path} ${stat?.mtimeMs ?? 'gone'} ${stat?.size ?? 0}`;
    })
    .join('\n');
}

/** The targets whose `.wants` directory holds the unit. */
export function listWantedBy(unitDir: string, name: string): string[] {
  return listWantsDirectories(unitDir)
    .filter((directory) => lstatSync(join(unitDir, directory, name), { throwIfNoEntry: false }) !== undefined)
    .map((directory) => directory.replace(/\.wants$/, ''));
}

/** All units that some target wants. */
export function listWanted(unitDir: string): Set<string> {
  return new Set(listWantsDirectories(unitDir).flatMap((directory) => readdirSync(join(unitDir, directory))));
}

function listWantsDirectories(unitDir: string): string[] {
  return existsSync(unitDir) ? readdirSync(unitDir).filter((entry) => entry.endsWith('.wants')) : [];
}

/** Drop-ins of the unit itself, of each dash-ended prefix of its name and of its type; a more special one hides a same-named other. */
function listDropIns(unitDir: string, name: string): string[] {
  const suffix = name.slice(name.lastIndexOf('.'));
  const stem = name.slice(0, name.lastIndexOf('.'));
  const prefixes = [...stem.matchAll(/-/g)]
    .map(({ index }) => stem.slice(0, index + 1))
    .filter((part) => part !== stem);
  const directories = [`${suffix.slice(1)}.d`, ...prefixes.map((prefix) => `${prefix}${suffix}.d`), `${name}.d`];
  const found = new Map<string, string>();
  for (const directory of directories.map((entry) => join(unitDir, entry))) {
    for (const file of existsSync(directory) ? readdirSync(directory) : []) {
      if (file.endsWith('.conf')) {
        found.set(file, join(directory, file));
      }
    }
  }
  return [...found.values()].sort((left, right) => (basename(left) < basename(right) ? -1 : 1));
}

function toSettings(settings: Setting[], name: string): ServiceSettings {
  const service = (key: string): string | undefined => findSetting(settings, 'Service', key);
  const span = (text: string | undefined, fallback: number): number =>
    text === undefined ? fallback : (parseTimeSpan(text) ?? fallback);
  // For the time limits of start and stop, none is written 0 or infinity.
  const limit = (text: string | undefined): number => span(text, 90_000) || Number.POSITIVE_INFINITY;
  const type = service('Type') ?? 'simple';
  return {
    description: findSetting(settings, 'Unit', 'Description') ?? name,
    type,
    execStart: splitWords(listSetting(settings, 'Service', 'ExecStart').at(-1) ?? ''),
    execStartPre: listSetting(settings, 'Service', 'ExecStartPre').map(splitWords),
    runtimeDirectories: listSetting(settings, 'Service', 'RuntimeDirectory').flatMap(splitWords),
    runtimeDirectoryMode: Number.parseInt(service('RuntimeDirectoryMode') ?? '0755', 8),
    restart: service('Restart') ?? 'no',
    restartMs: span(service('RestartSec'), 100),
    timeoutStartMs: limit(service('TimeoutStartSec') ?? service('TimeoutSec')),
    timeoutStopMs: limit(service('TimeoutStopSec') ?? service('TimeoutSec')),
    startLimitBurst: Number(findSetting(settings, 'Unit', 'StartLimitBurst') ?? '5'),
    startLimitIntervalMs: span(findSetting(settings, 'Unit', 'StartLimitIntervalSec'), 10_000),
    credentials: listSetting(settings, 'Service', 'LoadCredential').map((entry) => {
      const colon = entry.indexOf(':');
      return { name: entry.slice(0, colon), source: entry.slice(colon + 1) };
    }),
    wantedBy: listSetting(settings, 'Install', 'WantedBy').flatMap((value) => value.split(/\s+/)),
    notifyAccess: service('NotifyAccess') ?? (type.startsWith('notify') ? 'main' : 'none'),
  };
}

/** What the directories' specifiers stand for. */
export interface UnitDirectories {
  /** %d */
  credentials: string;
  /** %t */
  runtime: string;
}

/** Puts in the specifiers %n, %N, %p, %P, %j, %i, %d, %t and %%. */
export function expandSpecifiers(text: string, name: string, { credentials, runtime }: UnitDirectories): string {
  const stem = name.slice(0, name.lastIndexOf('.'));
  const values: Record<string, string> = {
    n: name,
    N: stem,
    p: stem.split('@')[0] ?? stem,
    P: stem.split('@')[0] ?? stem,
    j: (stem.split('@')[0] ?? stem).split('-').at(-1) ?? stem,
    i: stem.split('@')[1] ?? '',
    d: credentials,
    t: runtime,
    '%': '%',
  };
  return text.replace(/%(.)/g, (whole, letter: string) => values[letter] ?? whole);
}
