import pc from 'picocolors';

/** What the demo prints: one line after the other, never rewritten, so that it reads the same in a file. */
export interface Terminal {
  title(text: string): void;
  line(text: string): void;
  /** A step of one site, with the seconds since the start. */
  step(domain: string, state: 'done' | 'waits' | 'note', text: string): void;
  fail(text: string): void;
}

const MARKS = { done: pc.green('✓'), waits: pc.yellow('…'), note: pc.dim('·') } as const;

/** Prints to standard output, or nothing where only the JSON line is wanted on it: then everything goes to standard error. */
export function makeTerminal(stream: NodeJS.WritableStream, widestDomain: number): Terminal {
  const from = performance.now();
  const write = (text: string) => stream.write(`${text}\n`);
  const seconds = () => `${((performance.now() - from) / 1000).toFixed(1)} s`.padStart(8);
  return {
    title: (text) => write(`\n${pc.bold(text)}`),
    line: (text) => write(text),
    step: (domain, state, text) =>
      write(`${pc.dim(seconds())}  ${domain.padEnd(widestDomain)}  ${MARKS[state]} ${text}`),
    fail: (text) => write(`${pc.red('✗')} ${text}`),
  };
}
