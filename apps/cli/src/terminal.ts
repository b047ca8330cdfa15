import pc from 'picocolors';

/** The part of a stream that is written to. */
export interface Sink {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
}

/** A place where text is shown to a person, or is read by a program. */
export interface Terminal {
  /** one line, or several */
  line(text?: string): void;
  /** columns of a terminal; undefined where lines may be of any length */
  width: number | undefined;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

const NARROWEST = 40;

/** @param color undefined: as the stream and `NO_COLOR` say */
export function makeTerminal(sink: Sink, environment: Readonly<Record<string, string | undefined>>): Terminal {
  const colors = pc.createColors(Boolean(sink.isTTY) && !environment.NO_COLOR && environment.TERM !== 'dumb');
  return {
    line: (text = '') => void sink.write(`${text}\n`),
    width: sink.isTTY ? Math.max(NARROWEST, sink.columns ?? 80) : undefined,
    bold: colors.bold,
    dim: colors.dim,
    red: colors.red,
    green: colors.green,
    yellow: colors.yellow,
  };
}

/** What came from elsewhere, without anything that a terminal would obey. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ');
}
