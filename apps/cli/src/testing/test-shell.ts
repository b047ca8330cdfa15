import type { Shell } from '../commands/shell.ts';
import { makeTerminal, type Terminal } from '../terminal.ts';

/** A terminal that keeps what it is told. */
export function keepingTerminal(width?: number): Terminal & { said(): string } {
  let said = '';
  const terminal = makeTerminal(
    {
      write: (text) => {
        said += text;
      },
    },
    {},
  );
  return { ...terminal, width, said: () => said };
}

/** A shell whose two ends can be read. */
export function testShell(more: Partial<Shell> = {}) {
  const out = keepingTerminal();
  const err = keepingTerminal();
  const shell: Shell = {
    environment: {},
    out,
    err,
    signal: new AbortController().signal,
    question: undefined,
    ...more,
  };
  return { shell, out: out.said, err: err.said };
}
