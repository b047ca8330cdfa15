import type { LogPosition, WrittenLine } from '../../store/site-logs.ts';
import type { Clock } from '../clock.ts';

/** More than this waits at its source. */
const FULL_BYTES = 4 * 1024 * 1024;
const FULL_WAIT_MS = 50;
/** What a line costs beside its text. */
const LINE_BYTES = 100;

/** Lines that were read and aren't written down yet, with how far their sources were read. */
export class LineBuffer {
  #lines: WrittenLine[] = [];
  #read = new Map<string, string>();
  #bytes = 0;

  /** Waits while too much is held: who doesn't read further keeps nothing in memory. */
  async room(clock: Clock, signal: AbortSignal): Promise<void> {
    while (this.#bytes > FULL_BYTES) await clock.wait(FULL_WAIT_MS, signal);
  }

  add(line: WrittenLine): void {
    this.#lines.push(line);
    this.#bytes += line.line.length + LINE_BYTES;
  }

  reached({ sourceId, position }: LogPosition): void {
    this.#read.set(sourceId, position);
  }

  /** How far a source was read, by what is held; undefined when nothing of it is. */
  positionOf(sourceId: string): string | undefined {
    return this.#read.get(sourceId);
  }

  /** All that is held, and an empty buffer. */
  take(): { lines: WrittenLine[]; read: LogPosition[] } {
    const read = [...this.#read].map(([sourceId, position]) => ({ sourceId, position }));
    const taken = { lines: this.#lines, read };
    this.#lines = [];
    this.#read = new Map();
    this.#bytes = 0;
    return taken;
  }

  /** Puts back what could not be written, before what came since. */
  putBack({ lines, read }: { lines: WrittenLine[]; read: LogPosition[] }): void {
    this.#lines = [...lines, ...this.#lines];
    this.#read = new Map([...read.map((one) => [one.sourceId, one.position] as const), ...this.#read]);
    this.#bytes = this.#lines.reduce((sum, { line }) => sum + line.length + LINE_BYTES, 0);
  }
}
