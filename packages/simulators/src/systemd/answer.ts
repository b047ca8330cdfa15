/** What a client script prints and exits with. */
export interface CallAnswer {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** Joins what several units answered, each on lines of its own. */
export function toAnswer(parts: { out?: string[]; err?: string[]; exitCode?: number }): CallAnswer {
  const toLines = (lines: string[] = []): string => lines.map((line) => `${line}\n`).join('');
  return { stdout: toLines(parts.out), stderr: toLines(parts.err), exitCode: parts.exitCode ?? 0 };
}
