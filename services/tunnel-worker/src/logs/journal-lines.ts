import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { LineSink, LineSource } from '@berth/shared/runtime/lines/line-source';
import type { Log } from '@berth/shared/runtime/log';
import type { JournalEntry } from './journal-entry.ts';

/** The journal of a host, as far as connectors are concerned. */
export interface Journal {
  /** The entries after the one at `cursor`, and those to come. @throws when the journal can't be read */
  follow(cursor: string | undefined, signal: AbortSignal): AsyncIterable<JournalEntry>;
}

interface Deps {
  journal: Journal;
  hostId: string;
  /** Ids of sites by key. */
  findSiteIds(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  clock: Clock;
  log: Log;
  /** a journal that couldn't be read is left alone for so long */
  pauseMs?: number;
}

const PAUSE_MS = 30_000;
/** A key may be another site's once the one that had it is gone. */
const KNOWN_MS = 60_000;

/** What the connectors of this host write, and what systemd says of them: one reader for all of them, however many there are. */
export function makeJournalLines(deps: Deps): LineSource {
  const { journal, hostId, clock, log, pauseMs = PAUSE_MS } = deps;
  const sourceId = `journal:${hostId}`;
  const known = new Map<string, { siteId: string | undefined; untilMs: number }>();
  let reading: Promise<void> | undefined;
  let notBeforeMs = Number.NEGATIVE_INFINITY;

  async function siteOf(key: string): Promise<string | undefined> {
    const now = clock.monotonicMs();
    const kept = known.get(key);
    if (kept && kept.untilMs > now) return kept.siteId;
    const siteId = (await deps.findSiteIds([key])).get(key);
    known.set(key, { siteId, untilMs: now + KNOWN_MS });
    return siteId;
  }

  async function read(cursor: string | undefined, sink: LineSink): Promise<void> {
    for await (const entry of journal.follow(cursor, sink.signal)) {
      const { siteKey, at, stream, text } = entry;
      const siteId = siteKey === undefined ? undefined : await siteOf(siteKey);
      await sink.take(siteId === undefined ? undefined : { siteId, at, stream, text }, sourceId, entry.cursor);
    }
  }

  return {
    kind: 'tunnel',
    present: () => [sourceId],
    async look(sink) {
      if (reading || clock.monotonicMs() < notBeforeMs) return;
      const cursor = (await sink.positionsOf([sourceId])).get(sourceId);
      reading = read(cursor, sink)
        .catch((error: unknown) => {
          if (sink.signal.aborted) return;
          notBeforeMs = clock.monotonicMs() + pauseMs;
          log.warn({ err: messageOf(error) }, "the tunnels' journal could not be read, trying again");
        })
        .finally(() => {
          reading = undefined;
        });
    },
    async ended() {
      await reading;
    },
  };
}
