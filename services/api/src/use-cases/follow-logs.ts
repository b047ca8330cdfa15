import type { LogLine, LogQuery } from '@berth/contract/logs';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Database } from '@berth/shared/store/database';
import { readLastLines, readLinesAfter } from '@berth/shared/store/read-site-logs';

const LOOK_MS = 500;
const AT_ONCE = 500;

type Wish = Pick<LogQuery, 'tail' | 'since' | 'after' | 'source' | 'search'>;

/** Reads a site's lines: the last ones, or those after one, and those to come. */
export function makeFollowLogs({ db, clock }: { db: Database; clock: Clock }) {
  const list = (siteId: string, wish: Wish): Promise<LogLine[]> =>
    wish.after === undefined
      ? readLastLines(db, siteId, wish.since, wish, wish.tail)
      : readLinesAfter(db, siteId, wish.after, wish, wish.tail);
  return {
    list,
    /** The last lines (or those after one), and each that comes, in order and without gaps, until `signal` is aborted. */
    async *follow(siteId: string, wish: Wish, signal: AbortSignal): AsyncGenerator<LogLine> {
      let lines = await list(siteId, { ...wish, tail: wish.after === undefined ? wish.tail : AT_ONCE });
      let last = wish.after ?? '0';
      for (;;) {
        for (const line of lines) {
          yield line;
          last = line.id;
        }
        if (signal.aborted) return;
        if (lines.length < AT_ONCE) await clock.wait(LOOK_MS, signal).catch(() => undefined);
        if (signal.aborted) return;
        lines = await readLinesAfter(db, siteId, last, wish, AT_ONCE);
      }
    },
  };
}

export type FollowLogs = ReturnType<typeof makeFollowLogs>;
