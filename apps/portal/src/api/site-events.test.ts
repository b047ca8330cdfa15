import type { SiteEvent } from '@berth/contract/site';
import { describe, expect, test } from 'vitest';
import { isBehind, joinEvents, readOn } from './site-events.ts';

const PAGE = 2;
const event = (seq: number) => ({ seq }) as SiteEvent;
const seqsOf = (events: readonly SiteEvent[]) => events.map(({ seq }) => seq);

/** A site with so many events, whose pages are asked for by where they begin. */
function aSite(count: number) {
  const site = { count, asked: [] as number[] };
  const readPage = async (cursor: string | undefined) => {
    const after = Number(cursor ?? 0);
    site.asked.push(after);
    const last = Math.min(after + PAGE, site.count);
    const data = Array.from({ length: last - after }, (_, n) => event(after + n + 1));
    return { data, nextCursor: last < site.count ? String(last) : null };
  };
  return { site, readPage };
}

describe('readOn', () => {
  test('reads all pages, and then the last one alone with what came to it', async () => {
    const { site, readPage } = aSite(5);
    const first = await readOn(readPage, undefined);
    expect(seqsOf(first.events)).toEqual([1, 2, 3, 4, 5]);
    site.count = 7;
    site.asked = [];
    const second = await readOn(readPage, first.from);
    expect(site.asked).toEqual([4, 6]);
    expect(seqsOf(joinEvents(first.events, second.events))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('gets to the newest of more events than are read at once', async () => {
    const { readPage } = aSite(50);
    let events: SiteEvent[] = [];
    let from: string | undefined;
    for (let n = 0; n < 3; n += 1) {
      const read = await readOn(readPage, from);
      events = joinEvents(events, read.events);
      from = read.from;
    }
    expect(seqsOf(events)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });
});

describe('joinEvents', () => {
  test('has each once and in order, whichever came first', () => {
    expect(seqsOf(joinEvents([event(1), event(3)], [event(2), event(3)]))).toEqual([1, 2, 3]);
    expect(seqsOf(joinEvents([event(1)], [event(2)]))).toEqual([1, 2]);
  });
});

describe('isBehind', () => {
  test('holds as long as a site tells of an event that was not read', () => {
    expect(isBehind([], 0)).toBe(false);
    expect(isBehind([], 1)).toBe(true);
    expect(isBehind([event(1), event(2)], 2)).toBe(false);
    expect(isBehind([event(1), event(2)], 3)).toBe(true);
    // The stream was faster than the site.
    expect(isBehind([event(1), event(2)], 1)).toBe(false);
  });
});
