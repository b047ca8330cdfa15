import type { SiteEvent } from '@berth/contract/site';
import { ask } from './ask.ts';

const AT_ONCE = 200;
const MOST_PAGES = 10;

/** Under which a site's events are kept. */
export const siteEventsKey = (site: string) => ['events', site] as const;

/** What was read of a site's events. */
export interface ReadEvents {
  events: SiteEvent[];
  /** where the next reading goes on: with the last page again, since more may have come to it */
  from: string | undefined;
}

type ReadPage = (cursor: string | undefined) => Promise<{ data: SiteEvent[]; nextCursor: string | null }>;

/**
 * A site's events, the oldest first; of very many some pages at a time.
 * @param from where an earlier reading left off; undefined: from the first on
 * @throws Refused, Unreachable
 */
export function readSiteEvents(key: string, signal: AbortSignal, from?: string): Promise<ReadEvents> {
  return readOn((cursor) => {
    const query = { limit: AT_ONCE, ...(cursor !== undefined && { cursor }) };
    return ask('get', '/v1/sites/{key}/events', { params: { key }, query }, signal);
  }, from);
}

/** Reads pages until there are no more of them, or for now enough. */
export async function readOn(readPage: ReadPage, from: string | undefined): Promise<ReadEvents> {
  const events: SiteEvent[] = [];
  let cursor = from;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { data, nextCursor } = await readPage(cursor);
    events.push(...data);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return { events, from: cursor };
}

/** Both in their order, each once, however often it came. */
export function joinEvents(before: readonly SiteEvent[], more: readonly SiteEvent[]): SiteEvent[] {
  const last = before.at(-1)?.seq ?? 0;
  if (more.every(({ seq }, index) => seq > (more[index - 1]?.seq ?? last))) return [...before, ...more];
  const bySeq = new Map([...before, ...more].map((event) => [event.seq, event]));
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
}

/** Whether a site tells of events that weren't read. @param eventSeq the number of its last, as the site itself says */
export function isBehind(read: readonly SiteEvent[], eventSeq: number): boolean {
  return (read.at(-1)?.seq ?? 0) < eventSeq;
}
