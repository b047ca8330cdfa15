import { describe, expect, test } from 'vitest';
import { type Page, pagesToRead, withPage } from './long-list.ts';

const page = (rows: string, nextCursor: string | null = 'more'): Page<string> => ({ data: [...rows], nextCursor });
const listed = (pages: readonly Page<string>[] | undefined) => pages?.map(({ data }) => data.join(''));
const same = (row: string) => row;

describe('withPage', () => {
  const pages = [page('fed'), page('cba', null)];

  test('keeps what new rows have pushed out of the page', () => {
    expect(listed(withPage(pages, 0, page('gfe'), same))).toEqual(['gfed', 'cba']);
  });

  test('drops what went, and has nothing twice that moved up from the next page', () => {
    expect(listed(withPage(pages, 0, page('fdc'), same))).toEqual(['fd', 'cba']);
  });

  test('leaves the cursors as they are, by which the pages follow each other', () => {
    const found = withPage(pages, 1, page('ba', null), same);
    expect(found?.map(({ nextCursor }) => nextCursor)).toEqual(['more', null]);
    expect(listed(found)).toEqual(['fed', 'ba']);
  });

  test('says so when nothing of the page is known any more', () => {
    expect(withPage(pages, 0, page('zyx'), same)).toBeUndefined();
  });
});

describe('pagesToRead', () => {
  test('takes the first, those where something happened, and others in turn', () => {
    expect(pagesToRead([], 8, 3, 3)).toEqual([0, 3, 4]);
    expect(pagesToRead([6, 2], 8, 7, 4)).toEqual([0, 6, 2, 7]);
    expect(pagesToRead([], 2, 0, 5)).toEqual([0, 1]);
  });
});
