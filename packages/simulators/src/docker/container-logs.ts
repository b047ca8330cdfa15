import { nowNanos, toEngineTime } from './engine-time.ts';

const limit = 1000;

/** A line that a program wrote. */
export interface LogLine {
  nanos: bigint;
  /** 1 for stdout, 2 for stderr, as in the Engine's frames */
  stream: 1 | 2;
  text: string;
}

/** What the programs of an engine wrote: the last lines of each, by container id. */
export class ContainerLogs {
  readonly #lines = new Map<string, LogLine[]>();
  readonly #watchers = new Map<string, Set<(line: LogLine) => void>>();

  add(id: string, text: string, stream: 1 | 2 = 1): void {
    const line = { nanos: nowNanos(), stream, text };
    this.#lines.set(id, [...(this.#lines.get(id) ?? []), line].slice(-limit));
    for (const tell of this.#watchers.get(id) ?? []) {
      tell(line);
    }
  }

  of(id: string): LogLine[] {
    return this.#lines.get(id) ?? [];
  }

  /** Tells of further lines, until what it gives is called. */
  watch(id: string, tell: (line: LogLine) => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(tell));
    return () => watchers.delete(tell);
  }

  forget(id: string): void {
    this.#lines.delete(id);
    this.#watchers.delete(id);
  }
}

/** One frame of a multiplexed stream: stream number, three zeros, length, then the line, with its time in front if that's asked for. */
export function toFrame({ nanos, stream, text }: LogLine, timestamps: boolean): Buffer {
  const payload = Buffer.from(`${timestamps ? `${toEngineTime(nanos)} ` : ''}${text}\n`);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
