import type { Failure } from '../failure.ts';
import { plain, type Terminal } from '../terminal.ts';

/** What went wrong, why, and what to do: for a person. */
export function failureLines({ parts }: Failure, terminal: Terminal): string[] {
  const { what, why = [], fix, code, requestId } = parts;
  const known = [code, requestId && `request ${requestId}`].filter(Boolean).join(' · ');
  return [
    `${terminal.red('✖')} ${terminal.bold(plain(what))}`,
    ...why.map((line) => `  ${plain(line)}`),
    ...(fix ? [`  Fix: ${plain(fix)}`] : []),
    ...(known ? [terminal.dim(`  (${plain(known)})`)] : []),
  ];
}

/** The same for a program: one object. */
export function failureObject({ parts }: Failure, status: number): Record<string, unknown> {
  const { what, why = [], fix = null, code = null, requestId = null } = parts;
  return { error: { what, why, fix, code, requestId, status } };
}
