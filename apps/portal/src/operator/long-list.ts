/** A page of a list that the API gives page by page. */
export interface Page<Row> {
  data: Row[];
  nextCursor: string | null;
}

/**
 * Puts a page that was read anew in the place of what it was, and leaves the pages around it: what came before is kept behind it, what went is
 * dropped, and nothing is in the list twice.
 * @param idOf what tells rows apart
 * @returns undefined when nothing of the page is known any more, so that the pages after it can't be told to follow
 */
export function withPage<Row>(
  pages: readonly Page<Row>[],
  at: number,
  fresh: Page<Row>,
  idOf: (row: Row) => string,
): Page<Row>[] | undefined {
  const was = pages[at];
  if (!was) return [...pages];
  const last = fresh.data.at(-1);
  const lastAt = last ? was.data.findIndex((row) => idOf(row) === idOf(last)) : -1;
  const after = new Set(pages.slice(at + 1).flatMap((page) => page.data.map(idOf)));
  const isJoined = lastAt >= 0 || fresh.nextCursor === null || fresh.data.some((row) => after.has(idOf(row)));
  if (!isJoined && was.data.length > 0) return undefined;
  // New rows have pushed the last ones out of what is read at once; they are still there.
  const pushedOut = lastAt >= 0 ? was.data.slice(lastAt + 1) : [];
  const data = [...fresh.data, ...pushedOut].filter((row) => !after.has(idOf(row)));
  return pages.map((page, index) => (index === at ? { data, nextCursor: was.nextCursor } : page));
}

/** Which of so many pages are read now: the first, those that hold what happened, and then the others in turn; at most `most`. */
export function pagesToRead(holding: readonly number[], count: number, turn: number, most: number): number[] {
  const others = Array.from({ length: count }, (_, n) => (turn + n) % count);
  return [...new Set([0, ...holding, ...others])].slice(0, Math.min(most, count));
}
