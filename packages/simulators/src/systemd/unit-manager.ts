import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from './journal.ts';
import { isMasked, type LoadedUnit, listWanted, listWantedBy, loadUnit, toStamp } from './load-unit.ts';
import { type Spawn, Unit } from './unit.ts';

/** The units of one systemd: what lies in its directory and what it holds in memory. */
export class UnitManager {
  readonly unitDir: string;
  readonly #spawn: Spawn;
  readonly #units = new Map<string, Unit>();
  #wanted: Set<string>;
  reloads = 0;
  readonly journal: Journal;

  constructor(unitDir: string, spawn: Spawn, journal = new Journal()) {
    this.journal = journal;
    this.unitDir = unitDir;
    this.#spawn = spawn;
    mkdirSync(unitDir, { recursive: true });
    this.#wanted = listWanted(unitDir);
    this.#loadWanted();
  }

  /** The units in memory, by name. */
  list(): Unit[] {
    return [...this.#units.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /**
   * The unit in memory, or as its files say now; never undefined: an unknown one is `not-found`. One that a link named before its file
   * was there is looked for again (systemd's `manager_unit_cache_should_retry_load`).
   */
  get(name: string): Unit {
    const held = this.#units.get(name);
    if (held?.loaded.loadState === 'not-found') held.loaded = this.#reload(held);
    return held ?? new Unit(name, loadUnit(this.unitDir, name), this.#spawn, this.#write);
  }

  isInMemory(name: string): boolean {
    return this.#units.has(name);
  }

  /** Keeps the unit in memory, since a job runs for it. */
  hold(unit: Unit): Unit {
    const held = this.#units.get(unit.name) ?? unit;
    this.#units.set(unit.name, held);
    return held;
  }

  /** Forgets what neither runs nor failed and what nobody wants: systemd reads it afresh the next time. */
  collect(): void {
    for (const unit of this.#units.values()) {
      if (unit.active === 'inactive' && !this.#wanted.has(unit.name)) {
        this.#units.delete(unit.name);
      }
    }
  }

  needsReload(unit: Unit): boolean {
    return unit.loaded.loadState !== 'not-found' && toStamp(this.unitDir, unit.name) !== unit.loaded.stamp;
  }

  daemonReload(): void {
    this.reloads += 1;
    this.#wanted = listWanted(this.unitDir);
    for (const unit of this.#units.values()) {
      unit.fileState = undefined;
      if (unit.loaded.loadState === 'not-found' || this.needsReload(unit)) {
        unit.loaded = this.#reload(unit);
      }
    }
    this.#loadWanted();
    this.collect();
  }

  /** What `show` says of the unit's state on disk: a unit in memory keeps what it said first, until a reload (systemd 252). */
  heldFileState(unit: Unit): string {
    unit.fileState ||= this.fileState(unit.name);
    return unit.fileState;
  }

  /** The unit's state on disk: `enabled`, `disabled`, `static`, `masked`, or '' where there is no file. */
  fileState(name: string): string {
    if (!existsSync(join(this.unitDir, name))) {
      return '';
    }
    if (isMasked(this.unitDir, name)) {
      return 'masked';
    }
    if (listWantedBy(this.unitDir, name).length > 0) {
      return 'enabled';
    }
    return loadUnit(this.unitDir, name).settings.wantedBy.length > 0 ? 'disabled' : 'static';
  }

  /** Makes the links that `[Install]` names; gives the new ones as `[link, file]`. */
  enable(name: string): Array<[string, string]> {
    const file = join(this.unitDir, name);
    return loadUnit(this.unitDir, name).settings.wantedBy.flatMap((target): Array<[string, string]> => {
      const directory = join(this.unitDir, `${target}.wants`);
      const link = join(directory, name);
      if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) {
        return [];
      }
      mkdirSync(directory, { recursive: true });
      symlinkSync(file, link);
      return [[link, file]];
    });
  }

  /** Removes every link to the unit and gives those that were there. */
  disable(name: string): string[] {
    return listWantedBy(this.unitDir, name).map((target) => {
      const link = join(this.unitDir, `${target}.wants`, name);
      rmSync(link, { force: true });
      return link;
    });
  }

  /** Names of the unit files. */
  listFiles(): string[] {
    return readdirSync(this.unitDir)
      .filter((entry) => entry.endsWith('.service'))
      .sort();
  }

  /** As at boot: starts what a target wants. */
  boot(): void {
    for (const unit of this.list()) {
      void unit.start();
    }
  }

  close(): void {
    for (const unit of this.#units.values()) {
      unit.cutPower();
    }
  }

  readonly #write = ({ name, lastPid }: Unit, line: string, bySystemd: boolean): void => {
    const whose: Record<string, string> = bySystemd
      ? { _PID: '1', _SYSTEMD_UNIT: 'init.scope', UNIT: name, SYSLOG_IDENTIFIER: 'systemd' }
      : { _PID: String(lastPid), _SYSTEMD_UNIT: name, SYSLOG_IDENTIFIER: 'cloudflared' };
    this.journal.write({ ...whose, MESSAGE: line, PRIORITY: '6' });
  };

  #reload(unit: Unit): LoadedUnit {
    return loadUnit(this.unitDir, unit.name);
  }

  #loadWanted(): void {
    for (const name of this.#wanted) {
      if (!this.#units.has(name) && existsSync(join(this.unitDir, name))) {
        this.#units.set(name, this.get(name));
      }
    }
  }
}

/** Whether a name meets a shell pattern of `list-units` and `show`. */
export function matchesPattern(name: string, pattern: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(name);
}
