import { toTimeSpan } from './parse-unit.ts';
import type { Unit } from './unit.ts';
import type { UnitManager } from './unit-manager.ts';

/** `Tue 2026-11-24 16:11:29 UTC`; '' for never. */
export function toTimestamp(ms: number): string {
  if (ms === 0) {
    return '';
  }
  const iso = new Date(ms).toISOString();
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(ms).getUTCDay()];
  return `${day} ${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** The properties of a unit in systemd's own order, which is what `show` prints whatever was asked first. */
export function toProperties(manager: UnitManager, unit: Unit): Array<[string, string]> {
  const { settings, loadState, fragmentPath, dropInPaths } = unit.loaded;
  const running = unit.mainPid !== 0;
  return [
    ['Type', settings.type],
    ['Restart', settings.restart],
    ['NotifyAccess', settings.notifyAccess],
    ['RestartUSec', toTimeSpan(settings.restartMs)],
    ['TimeoutStartUSec', toTimeSpan(settings.timeoutStartMs)],
    ['TimeoutStopUSec', toTimeSpan(settings.timeoutStopMs)],
    ['MainPID', String(unit.mainPid)],
    ['ControlPID', '0'],
    ['Result', unit.result],
    ['NRestarts', String(unit.restarts)],
    ['ExecMainStartTimestamp', toTimestamp(unit.startedAt)],
    ['ExecMainExitTimestamp', running ? '' : toTimestamp(unit.exitedAt)],
    ['ExecMainPID', String(unit.lastPid)],
    ['ExecMainCode', String(unit.exit.code)],
    ['ExecMainStatus', String(unit.exit.status)],
    ['MemoryCurrent', running ? '47185920' : '[not set]'],
    ['TasksCurrent', running ? '8' : '[not set]'],
    ['Id', unit.name],
    ['Names', unit.name],
    ['Description', settings.description],
    ['LoadState', loadState],
    ['ActiveState', unit.active],
    ['FreezerState', 'running'],
    ['SubState', unit.sub],
    ['FragmentPath', fragmentPath],
    ['DropInPaths', dropInPaths.join(' ')],
    ['UnitFileState', manager.heldFileState(unit)],
    ['StateChangeTimestamp', toTimestamp(unit.changedAt)],
    ['NeedDaemonReload', manager.needsReload(unit) ? 'yes' : 'no'],
    ['InvocationID', unit.invocationId],
  ];
}
