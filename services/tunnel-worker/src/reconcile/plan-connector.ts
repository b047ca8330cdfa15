import type { ConnectorState, ObservedFile, ObservedUnit } from './connector-access.ts';
import type { ConnectorFiles, WantedFile } from './connector-files.ts';

/** What is there of a connector. */
export interface ObservedConnector {
  files: Record<keyof ConnectorFiles, ObservedFile | undefined>;
  unit: ObservedUnit;
  running: ConnectorState;
}

/** One effect on the host. */
export type ConnectorStep =
  | { kind: 'write'; file: WantedFile }
  | { kind: 'remove'; path: string }
  | { kind: 'reload' | 'enable' | 'start' | 'restart' | 'stop' | 'disable' | 'reset' };

const RUNNING = new Set(['active', 'activating', 'reloading']);

/** Whether the unit runs, or systemd is about to start it again. */
export function isRunning(unit: ObservedUnit): boolean {
  return RUNNING.has(unit.activeState);
}

/** Whether a process of the unit may answer; between two starts it's somebody else who does at its address. */
export function hasProcess(unit: ObservedUnit): boolean {
  return isRunning(unit) && unit.subState !== 'auto-restart';
}

/**
 * What makes the connector run with exactly these files. Whether what runs is out of date is read from what runs: its
 * configuration must hold the proof path, which changes with everything that the connector is made from.
 * @param restartFrom the invocation that a wanted restart must end; undefined when none is wanted
 */
export function planConnector(
  files: ConnectorFiles,
  observed: ObservedConnector,
  proof: string,
  restartFrom: string | undefined,
): ConnectorStep[] {
  const steps: ConnectorStep[] = [];
  const differs = (name: keyof ConnectorFiles) => observed.files[name]?.content !== files[name].content;
  for (const name of ['dropIn', 'credentials', 'config', 'unit'] as const) {
    const wrong = differs(name) || observed.files[name]?.mode !== files[name].mode;
    if (wrong) steps.push({ kind: 'write', file: files[name] });
  }
  const { unit } = observed;
  const running = hasProcess(unit) ? observed.running : { config: undefined };
  const redefined = differs('unit') || differs('dropIn');
  const loaded = unit.loadState !== 'not-found';
  const reloads = loaded && (unit.needsReload || redefined);
  const enables = unit.unitFileState !== 'enabled';
  if (enables) steps.push({ kind: 'enable' });
  // Of a unit that it holds, systemd says whether it's enabled as it was when it last looked.
  if (reloads || (loaded && enables)) steps.push({ kind: 'reload' });
  if (!isRunning(unit)) {
    if (unit.activeState === 'failed') steps.push({ kind: 'reset' });
    if (unit.activeState !== 'deactivating') steps.push({ kind: 'start' });
    return steps;
  }
  const outdated = running.config !== undefined && !running.config.includes(proof);
  // A process that doesn't answer yet has read its files already: it may have been the former ones.
  const unknown = running.config === undefined && (differs('config') || differs('credentials'));
  const restarts = outdated || unknown || reloads || (restartFrom !== undefined && unit.invocationId === restartFrom);
  if (restarts) steps.push({ kind: 'restart' });
  return steps;
}

/** What takes the connector away, one stage at a time: stopped first, then its files. Empty when nothing is left. */
export function planConnectorEnd(
  paths: { credentials: string; config: string; unit: string },
  observed: ObservedConnector,
): ConnectorStep[] {
  const { unit, files } = observed;
  if (isRunning(unit)) return [{ kind: 'stop' }];
  if (unit.activeState === 'deactivating') return [];
  const steps: ConnectorStep[] = [];
  if (unit.unitFileState === 'enabled' || files.unit !== undefined) steps.push({ kind: 'disable' });
  for (const name of ['unit', 'config', 'credentials'] as const) {
    if (files[name] !== undefined) steps.push({ kind: 'remove', path: paths[name] });
  }
  const failed = unit.activeState === 'failed';
  if (failed) steps.push({ kind: 'reset' });
  if (unit.loadState !== 'not-found') steps.push({ kind: 'reload' });
  return steps;
}
