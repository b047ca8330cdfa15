import { plain } from '../terminal.ts';

/** A column of a table: its heading, and whether its cells may be cut to make the table fit. */
export interface Column {
  heading: string;
  cuts?: boolean;
}

const GAP = '  ';
const NARROWEST = 8;

/**
 * Lines of a table without borders, the headings first. What doesn't fit into `width` is cut in the columns that may be cut, the widest
 * first; without a width nothing is.
 */
export function tableLines(columns: readonly Column[], rows: readonly string[][], width: number | undefined): string[] {
  const cells = [columns.map(({ heading }) => heading), ...rows.map((row) => row.map(plain))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => lengthOf(row[at]))));
  if (width !== undefined) shrink(columns, widths, width);
  return cells.map((row) =>
    columns
      .map((_, at) => pad(cut(row[at] ?? '', widths[at] ?? 0), widths[at] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

function shrink(columns: readonly Column[], widths: number[], width: number): void {
  const total = () => widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1);
  while (total() > width) {
    const widest = widths.reduce(
      (best, one, at) => (columns[at]?.cuts && one > NARROWEST && one > (widths[best] ?? 0) ? at : best),
      widths.length,
    );
    if (widest === widths.length) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

const lengthOf = (text: string | undefined) => [...(text ?? '')].length;

function cut(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}
