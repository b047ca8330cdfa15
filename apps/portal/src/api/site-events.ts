import type { SiteEvent } from '@berth/contract/site';
import { ask } from './ask.ts';

const AT_ONCE = 200;
const MOST_PAGES = 10;

/** Under which a site's events are kept. */
export const siteEventsKey = (site: string) => ['events', site] as const;

/** All events of a site, the oldest first. @throws Refused, Unreachable */
export async function readSiteEvents(key: string, signal: AbortSignal): Promise<SiteEvent[]> {
  const read: SiteEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { limit: AT_ONCE, ...(cursor !== undefined && { cursor }) };
    const { data, nextCursor } = await ask('get', '/v1/sites/{key}/events', { params: { key }, query }, signal);
    read.push(...data);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return read;
}

/** Both in their order, each once, however often it came. */
export function joinEvents(before: readonly SiteEvent[], more: readonly SiteEvent[]): SiteEvent[] {
  const last = before.at(-1)?.seq ?? 0;
  if (more.every(({ seq }, index) => seq > (more[index - 1]?.seq ?? last))) return [...before, ...more];
  const bySeq = new Map([...before, ...more].map((event) => [event.seq, event]));
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
}
