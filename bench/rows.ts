/** One figure of a benchmark. Timings are compared as ratios: machines are noisy, ratios of one run less so. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  /** the same figure of what this is compared with, measured in the same run */
  baseline?: number;
  ratio?: number;
  /** what must hold, in words */
  goal?: string;
  ok: boolean;
}

/** One benchmark: a name for the command line, and what measures its rows. */
export interface Benchmark {
  name: string;
  about: string;
  /** a real Docker Engine: it's measured in namespaces of its own */
  needs?: 'engine';
  /** may also be measured alone, by name */
  parts?: Record<string, Measure>;
  measure: Measure;
}

type Measure = (say: (line: string) => void) => Promise<Row[]>;

/** A table of the rows for a terminal. */
export function toTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${round(row.value)} ${row.unit}`,
    row.baseline === undefined ? '' : `${round(row.baseline)} ${row.unit}`,
    row.ratio === undefined ? '' : row.ratio.toFixed(2),
    row.goal ?? '',
    row.ok ? 'ok' : 'MISSED',
  ]);
  const lines = [['', 'value', 'baseline', 'ratio', 'goal', ''], ...cells];
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

/** The `percent`-th percentile (nearest rank) of the values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Three significant figures, and no more than the whole number for large ones. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
