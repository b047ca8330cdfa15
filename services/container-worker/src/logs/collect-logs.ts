import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { leaseReading, readPositions, trimLines, writeLines } from '@berth/shared/store/site-logs';
import { LineBuffer } from './line-buffer.ts';
import { LineGate, type LineRate } from './line-gate.ts';
import type { ContainerLogs, LoggedContainer } from './log-access.ts';
import { isAfter } from './log-frames.ts';

export interface CollectDeps {
  db: Database;
  clock: Clock;
  log: Log;
  hostId: string;
  owner: string;
  logs: ContainerLogs;
  /** Masks what must not be read in a site's lines. */
  mask(siteId: string, text: string): Promise<string>;
  /** a site's lines may be so many bytes in all */
  siteBytes: number;
  rate?: LineRate;
  /** between two writes, and two looks for containers */
  everyMs?: number;
}

const EVERY_MS = 1000;
const LEASE_MS = 15_000;
/** So much is left of a site's lines when they were too many, so that not each further line deletes one. */
const KEPT = 0.9;
const DEFAULT_RATE: LineRate = { burstBytes: 1024 * 1024, bytesPerSecond: 64 * 1024 };

/**
 * Writes down what the containers of this host write, in one process of all: follows each of them from where the last line was
 * written down, which is told with the lines themselves. So a line is neither lost nor written twice, whatever dies.
 * @returns stops it, once what was read is written
 */
export function collectLogs(deps: CollectDeps): { stop(): Promise<void> } {
  const { db, clock, log, hostId, owner, logs, everyMs = EVERY_MS, rate = DEFAULT_RATE } = deps;
  const reader = { hostId, source: 'container', owner } as const;
  const stopped = new AbortController();
  const buffer = new LineBuffer();
  const following = new Map<string, Promise<void>>();
  /** stopped containers whose last line was read: they have nothing more to say until they run again */
  const done = new Set<string>();
  const gates = new Map<string, LineGate>();
  let reading = new AbortController();

  async function follow({ id, siteId, isRunning }: LoggedContainer, position: string | undefined): Promise<void> {
    let last = position;
    const signal = AbortSignal.any([stopped.signal, reading.signal]);
    for await (const entry of logs.follow(id, last, signal)) {
      if (last !== undefined && !isAfter(entry.time, last)) continue;
      await buffer.room(clock, signal);
      last = entry.time;
      const gate = gates.get(siteId) ?? new LineGate(rate, clock.monotonicMs());
      gates.set(siteId, gate);
      if (gate.take(entry.text.length, clock.monotonicMs())) {
        const line = await deps.mask(siteId, entry.text);
        buffer.add({ siteId, at: entry.time, source: 'container', stream: entry.stream, line });
      }
      buffer.reached({ sourceId: id, position: last });
    }
    if (!isRunning) done.add(id);
  }

  async function look(): Promise<void> {
    const containers = await logs.list(stopped.signal);
    const present = new Set(containers.map(({ id }) => id));
    for (const id of done) if (!present.has(id)) done.delete(id);
    for (const { id, isRunning } of containers) if (isRunning) done.delete(id);
    const fresh = containers.filter(({ id }) => !following.has(id) && !done.has(id));
    const positions = await readPositions(
      db,
      fresh.map(({ id }) => id),
    );
    for (const container of fresh) {
      const { id } = container;
      const end = follow(container, positions.get(id))
        .catch((error: unknown) => {
          if (!stopped.signal.aborted && !reading.signal.aborted)
            log.debug(
              { containerId: id.slice(0, 12), err: messageOf(error) },
              'lines of a container could not be read',
            );
        })
        .finally(() => following.delete(id));
      following.set(id, end);
    }
  }

  function tellLeftOut(): void {
    for (const [siteId, gate] of gates) {
      const leftOut = gate.takeLeftOut();
      if (leftOut === 0) continue;
      const line = `${leftOut} lines left out: more than ${rate.bytesPerSecond} bytes a second were written`;
      buffer.add({ siteId, at: clock.date().toISOString(), source: 'container', stream: 'berth', line });
    }
  }

  async function write(): Promise<void> {
    tellLeftOut();
    const taken = buffer.take();
    if (taken.lines.length === 0 && taken.read.length === 0) return;
    try {
      const grown = await writeLines(db, reader, taken.lines, taken.read);
      if (!grown) {
        log.warn({ lines: taken.lines.length }, 'another process may read the lines of this host by now');
        return giveUp();
      }
      for (const { siteId, bytes } of grown)
        if (bytes > deps.siteBytes) await trimLines(db, siteId, KEPT * deps.siteBytes);
    } catch (error) {
      buffer.putBack(taken);
      throw error;
    }
  }

  /** Whoever reads next begins where the last written line ends; so what is held here is read once more. */
  async function giveUp(): Promise<void> {
    reading.abort();
    await Promise.all(following.values());
    reading = new AbortController();
    buffer.take();
  }

  async function round(): Promise<void> {
    if (!(await leaseReading(db, reader, LEASE_MS))) {
      if (following.size > 0) await giveUp();
      return;
    }
    await write();
    await look();
  }

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => {
        if (!stopped.signal.aborted) log.warn({ err: messageOf(error) }, 'lines could not be collected, trying again');
      });
      await clock.wait(everyMs, stopped.signal).catch(() => undefined);
    }
    await Promise.all(following.values());
    await write().catch((error: unknown) => log.warn({ err: messageOf(error) }, 'the last lines could not be written'));
    await leaseReading(db, reader, 0).catch(() => undefined);
  }

  const running = live();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
