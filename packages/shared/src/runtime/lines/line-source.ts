import type { LogSource, LogStream } from '../../store/site-logs.ts';

/** A line of a site, as its source has it. */
export interface ReadLine {
  siteId: string;
  /** ISO 8601 */
  at: string;
  stream: LogStream;
  text: string;
}

/** Takes what is read. */
export interface LineSink {
  /** aborted when this process doesn't read any more: then reading ends */
  signal: AbortSignal;
  /** How far sources were read; those that never were are missing. */
  positionsOf(sourceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Takes a line, and that its source was read up to there; without a line only that. Waits while too much is held.
   * @throws when `signal` is aborted
   */
  take(line: ReadLine | undefined, sourceId: string, position: string): Promise<void>;
}

/** Where lines of many sites come from. */
export interface LineSource {
  kind: LogSource;
  /** Ids of what was there at the last look, so that it isn't forgotten how far it was read. */
  present(): readonly string[];
  /** Begins to read what isn't being read; called again and again while this process is the one that reads. */
  look(sink: LineSink): Promise<void>;
  /** Comes when all reading has ended, which `signal` of the sink asked for. */
  ended(): Promise<void>;
}
