import { closeSync, openSync, statSync, writeSync } from 'node:fs';

/** Where log lines go; written at once, so that a process that is killed leaves all of them. */
export interface LogFile {
  write(line: string): void;
  close(): void;
}

const MAX_BYTES = 20_000_000;

/** Opens a log file for appending; one that has grown large begins anew. */
export function openLogFile(file: string): LogFile {
  const large = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES;
  let handle: number | undefined = openSync(file, large ? 'w' : 'a', 0o600);
  return {
    write(line) {
      if (handle !== undefined) writeSync(handle, line);
    },
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}
