import type { LogEntry } from './log-frames.ts';

/** A container of a site of ours. */
export interface LoggedContainer {
  id: string;
  siteId: string;
  isRunning: boolean;
}

/** What containers of this host wrote. */
export interface ContainerLogs {
  list(signal: AbortSignal): Promise<LoggedContainer[]>;
  /** The lines from about `after` (the Engine's time of one) on, and those to come, until the container stops. */
  follow(id: string, after: string | undefined, signal: AbortSignal): AsyncIterable<LogEntry>;
}
