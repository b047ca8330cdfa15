import { messageOf } from '../../errors/berth-error.ts';
import type { Database } from '../../store/database.ts';
import { leaseReading, readPositions, trimLines, type WrittenLine, writeLines } from '../../store/site-logs.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { LineBuffer } from './line-buffer.ts';
import { LineGate, type LineRate } from './line-gate.ts';
import type { LineSink, LineSource } from './line-source.ts';

export interface CollectDeps {
  db: Database;
  clock: Clock;
  log: Log;
  hostId: string;
  owner: string;
  source: LineSource;
  /** Masks what must not be read in the lines of sites. */
  mask(lines: readonly WrittenLine[]): Promise<WrittenLine[]>;
  /** a site's lines may be so many bytes in all */
  siteBytes: number;
  rate?: LineRate;
  /** between two writes, and two looks for what is to be read */
  everyMs?: number;
}

const EVERY_MS = 1000;
const LEASE_MS = 15_000;
/** So much is left of a site's lines when they were too many, so that not each further line deletes one. */
const KEPT = 0.9;
const DEFAULT_RATE: LineRate = { burstBytes: 1024 * 1024, bytesPerSecond: 64 * 1024 };

/**
 * Writes down what a source of this host has, in one process of all: it is read from where the last line was written down, which is
 * told with the lines themselves. So a line is neither lost nor written twice, whatever dies.
 * @returns stops it, once what was read is written
 */
export function collectLines(deps: CollectDeps): { stop(): Promise<void> } {
  const { db, clock, log, hostId, owner, source, everyMs = EVERY_MS, rate = DEFAULT_RATE } = deps;
  const reader = { hostId, source: source.kind, owner };
  const stopped = new AbortController();
  const buffer = new LineBuffer();
  const gates = new Map<string, LineGate>();
  let reading = new AbortController();
  let reads = false;

  function makeSink(): LineSink {
    const { signal } = reading;
    return {
      signal,
      async positionsOf(sourceIds) {
        const written = await readPositions(db, sourceIds);
        for (const id of sourceIds) {
          const held = buffer.positionOf(id);
          if (held !== undefined) written.set(id, held);
        }
        return written;
      },
      async take(line, sourceId, position) {
        await buffer.room(clock, signal);
        if (line && isLetThrough(line.siteId, line.text.length)) {
          buffer.add({ siteId: line.siteId, at: line.at, source: source.kind, stream: line.stream, line: line.text });
        }
        buffer.reached({ sourceId, position });
      },
    };
  }

  function isLetThrough(siteId: string, bytes: number): boolean {
    const gate = gates.get(siteId) ?? new LineGate(rate, clock.monotonicMs());
    gates.set(siteId, gate);
    return gate.take(bytes, clock.monotonicMs());
  }

  function tellLeftOut(): void {
    for (const [siteId, gate] of gates) {
      const leftOut = gate.takeLeftOut();
      if (leftOut === 0) continue;
      const line = `${leftOut} lines left out: more than ${rate.bytesPerSecond} bytes a second were written`;
      buffer.add({ siteId, at: clock.date().toISOString(), source: source.kind, stream: 'berth', line });
    }
  }

  async function write(): Promise<void> {
    tellLeftOut();
    const taken = buffer.take();
    if (taken.lines.length === 0 && taken.read.length === 0) return;
    const grown = await writeMasked(taken).catch((error: unknown) => {
      buffer.putBack(taken);
      throw error;
    });
    if (!grown) {
      log.warn({ lines: taken.lines.length }, 'another process may read the lines of this host by now');
      return giveUp();
    }
    for (const { siteId, bytes } of grown)
      if (bytes > deps.siteBytes) await trimLines(db, siteId, KEPT * deps.siteBytes);
  }

  async function writeMasked({ lines, read }: ReturnType<LineBuffer['take']>) {
    return writeLines(db, reader, lines.length === 0 ? lines : await deps.mask(lines), read);
  }

  /** Whoever reads next begins where the last written line ends; so what is held here is read once more. */
  async function giveUp(): Promise<void> {
    reads = false;
    reading.abort();
    await source.ended();
    buffer.take();
    if (!stopped.signal.aborted) reading = new AbortController();
  }

  async function round(): Promise<void> {
    if (!(await leaseReading(db, reader, LEASE_MS))) {
      if (reads) await giveUp();
      return;
    }
    await write();
    reads = true;
    await source.look(makeSink());
  }

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => {
        if (!stopped.signal.aborted) log.warn({ err: messageOf(error) }, 'lines could not be collected, trying again');
      });
      await clock.wait(everyMs, stopped.signal).catch(() => undefined);
    }
    await source.ended();
    await write().catch((error: unknown) => log.warn({ err: messageOf(error) }, 'the last lines could not be written'));
    await leaseReading(db, reader, 0).catch(() => undefined);
  }

  const running = live();
  return {
    async stop() {
      stopped.abort();
      reading.abort();
      await running;
    },
  };
}
