import { BerthError, messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { readStandings } from '@berth/shared/store/session-standings';
import { type Caller, ownerOf } from './caller.ts';

/** For so long at most somebody goes on reading who may not any more. */
const LOOK_MS = 2000;
/** By then one of those that are open may have ended. */
const RETRY_AFTER_MS = 10_000;

/** A stream that is open, until it is closed. */
export interface OpenStream {
  /** aborted once its caller may not read it any more */
  ended: AbortSignal;
  close(): void;
}

/** Who opens a stream, and onto what. */
interface Reader {
  caller: Caller;
  /** the key of the site that it is of */
  site: string | undefined;
  /** throws once the caller may not read it any more: the whole look, as for a new request */
  stillMay(): Promise<unknown>;
}

/** The streams of this process: how many each caller has, and whether their callers may still read them. */
export interface OpenStreams {
  /** @throws BerthError `stream.too-many` */
  open(reader: Reader): OpenStream;
  stop(): void;
}

interface Deps {
  db: Database;
  clock: Clock;
  log: Log;
  /** of one caller at once */
  most: number;
}

interface Kept extends Reader {
  gone: AbortController;
  /** what it stood on when it was looked at last */
  standing?: string;
}

/**
 * Keeps streams. All that are open are looked at together, by one statement; only those of which something has changed are looked at as a new
 * request would be.
 */
export function makeOpenStreams({ db, clock, log, most }: Deps): OpenStreams {
  const kept = new Set<Kept>();
  const stopped = new AbortController();
  let looking = false;

  const end = (stream: Kept) => {
    kept.delete(stream);
    stream.gone.abort();
  };
  const lookAgain = async (stream: Kept, standing: string | undefined) => {
    try {
      await stream.stillMay();
      stream.standing = standing;
    } catch {
      end(stream);
    }
  };
  const lookAtSessions = async (streams: readonly Kept[]) => {
    const asked = streams.flatMap(({ caller, site }) => {
      const own = ownerOf(caller) && site !== undefined ? site : null;
      return caller.session ? [{ sessionId: caller.session.sessionId, site: own }] : [];
    });
    const standings = await readStandings(db, asked);
    await Promise.all(
      streams.map(async (stream, at) => {
        const standing = standings[at];
        if (standing === undefined) end(stream);
        else if (standing !== stream.standing) await lookAgain(stream, standing);
      }),
    );
  };
  const look = async () => {
    const all = [...kept];
    const ofSessions = all.filter(({ caller }) => caller.session);
    // A key is remembered by who looks it up, for all requests of it.
    const ofKeys = all.filter(({ caller }) => !caller.session).map((stream) => lookAgain(stream, undefined));
    if (ofSessions.length > 0) {
      await lookAtSessions(ofSessions).catch((error) => {
        log.warn({ err: messageOf(error), streams: ofSessions.length }, 'streams end: nobody knows who may read them');
        for (const stream of ofSessions) end(stream);
      });
    }
    await Promise.all(ofKeys);
  };
  const keepLooking = async () => {
    if (looking) return;
    looking = true;
    while (kept.size > 0 && !stopped.signal.aborted) {
      await clock.wait(LOOK_MS, stopped.signal).catch(() => undefined);
      if (!stopped.signal.aborted) await look();
    }
    looking = false;
  };

  return {
    open(reader) {
      const who = readerOf(reader.caller);
      if ([...kept].filter(({ caller }) => readerOf(caller) === who).length >= most) {
        throw new BerthError(
          'stream.too-many',
          `${most} streams at once are enough; close one, or ask from time to time`,
          {
            retryAfterMs: RETRY_AFTER_MS,
          },
        );
      }
      const stream: Kept = { ...reader, gone: new AbortController() };
      kept.add(stream);
      void keepLooking();
      return { ended: stream.gone.signal, close: () => void kept.delete(stream) };
    },
    stop: () => stopped.abort(),
  };
}

/** An admin with a customer's eyes takes nothing from the customer. */
const readerOf = ({ id, session }: Caller) => (session?.impersonatedBy ? `user:${session.impersonatedBy}` : id);
