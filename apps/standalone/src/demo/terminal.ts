import pc from 'picocolors';

/** How a step stands: it is done, it waits for something, or it's worth knowing. */
export type StepState = 'done' | 'waits' | 'note';

/** What the demo prints: one line after the other, never rewritten, so that it reads the same in a file. */
export interface Terminal {
  title(text: string): void;
  line(text: string): void;
  /** A step of one site or part, with the seconds since the start. */
  step(who: string, state: StepState, text: string): void;
  fail(text: string): void;
  dim(text: string): string;
  bold(text: string): string;
}

interface TerminalOptions {
  stream: Pick<NodeJS.WritableStream, 'write'>;
  colors: boolean;
  /** the widest of all names that steps will have */
  nameWidth: number;
  now(): number;
}

/** Prints to `stream`. */
export function makeTerminal({ stream, colors, nameWidth, now }: TerminalOptions): Terminal {
  const { bold, dim, green, red, yellow } = pc.createColors(colors);
  const marks = { done: green('✓'), waits: yellow('…'), note: dim('·') } satisfies Record<StepState, string>;
  const from = now();
  const write = (text: string) => void stream.write(`${text}\n`);
  const seconds = () => `${((now() - from) / 1000).toFixed(1)} s`.padStart(7);
  return {
    title: (text) => write(`\n${bold(text)}`),
    line: write,
    step: (who, state, text) => write(`${dim(seconds())}  ${padded(who, nameWidth)}  ${marks[state]} ${text}`),
    fail: (text) => write(`\n${red('✗')} ${text}`),
    dim,
    bold,
  };
}

/** Colours go to terminals that want them (no-color.org). */
export function wantsColors(
  stream: { isTTY?: boolean },
  { NO_COLOR, TERM }: Record<string, string | undefined>,
): boolean {
  return Boolean(stream.isTTY) && !NO_COLOR && TERM !== 'dumb';
}

/** Filled with blanks to `width` letters as a person sees them: an umlaut is one, however it is encoded. */
function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How many letters wide a text is. */
export function widthOf(text: string): number {
  return [...letters.segment(text)].length;
}
