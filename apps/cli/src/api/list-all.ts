import type { Ask } from './ask.ts';

interface Page<Row> {
  data: Row[];
  nextCursor: string | null;
}

/** All rows of a list, page by page. @param path with its query, such as `/v1/sites?gone=false` */
export async function listAll<Row>(ask: Ask, doing: string, path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const mark: string = path.includes('?') ? '&' : '?';
    const at: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Row> = await ask<Page<Row>>({ doing, path: `${path}${mark}limit=200${at}` });
    rows.push(...page.data);
    cursor = page.nextCursor;
  }
  return rows;
}
