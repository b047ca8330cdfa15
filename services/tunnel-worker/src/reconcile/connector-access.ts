import type { WantedFile } from './connector-files.ts';

/** A unit as systemd shows it. */
export interface ObservedUnit {
  /** loaded, not-found, bad-setting, … */
  loadState: string;
  /** active, activating, deactivating, inactive, failed, reloading */
  activeState: string;
  /** running, start, auto-restart, dead, … */
  subState: string;
  /** enabled, disabled, or empty when there is no unit file */
  unitFileState: string;
  /** one for each start; empty while it doesn't run */
  invocationId: string;
  needsReload: boolean;
}

/** The host's systemd. */
export interface Units {
  observe(unit: string, signal: AbortSignal): Promise<ObservedUnit>;
  reload(signal: AbortSignal): Promise<void>;
  enable(unit: string, signal: AbortSignal): Promise<void>;
  /** Doesn't wait until it has started. */
  start(unit: string, signal: AbortSignal): Promise<void>;
  restart(unit: string, signal: AbortSignal): Promise<void>;
  /** Doesn't wait until it has stopped. */
  stop(unit: string, signal: AbortSignal): Promise<void>;
  disable(unit: string, signal: AbortSignal): Promise<void>;
  /** Forgets a failed unit. */
  reset(unit: string, signal: AbortSignal): Promise<void>;
}

/** A file as it is. */
export interface ObservedFile {
  content: string;
  /** the permission bits */
  mode: number;
}

/** The host's files. */
export interface Files {
  read(path: string): Promise<ObservedFile | undefined>;
  /** Whole or not at all. */
  write(file: WantedFile): Promise<void>;
  /** A folder goes only when it is empty. */
  remove(path: string): Promise<void>;
  /** Whether any file of this folder has a name that matches. */
  anyNamed(folder: string, pattern: RegExp): Promise<boolean>;
}

/** What a running connector says of itself. */
export interface ConnectorState {
  /** the configuration it runs with, as text; undefined when it doesn't answer */
  config: string | undefined;
  connected: boolean;
}

/** The connectors' metrics addresses. */
export interface Connectors {
  observe(metricsAddress: string, signal: AbortSignal): Promise<ConnectorState>;
}
