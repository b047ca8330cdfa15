/** Most lines that are told of all processes together: CI keeps the end of a long output alone. */
const LINES = 40;
const WIDTH = 400;

const logs = new Map<object, { name: string; lines: readonly string[] }>();

/** Remembers what a process of this test file logs, to be told when a test fails. @param lines those it has logged so far */
export function tellWhenFailing(name: string, lines: readonly string[]): void {
  logs.set(lines, { name, lines });
}

/** The last lines of each process of this test file, a fair share of each, without what is only for debugging. */
export function lastLogged(): string[] {
  const share = Math.max(5, Math.floor(LINES / Math.max(1, logs.size)));
  return [...logs.values()].flatMap(({ name, lines }) =>
    lines
      .filter((line) => !line.includes('"level":"debug"'))
      .slice(-share)
      .map((line) => `${name}: ${line.trimEnd().slice(0, WIDTH)}`),
  );
}
