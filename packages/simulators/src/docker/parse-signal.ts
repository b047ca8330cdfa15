import { EngineError } from './engine-error.ts';

const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  TERM: 15,
  CONT: 18,
  STOP: 19,
  WINCH: 28,
};
const fatal: ReadonlySet<number> = new Set([2, 3, 6, 9, 15]);

export interface Signal {
  number: number;
  /** the exit code of a program that it ends; undefined when it ends none */
  exitCode: number | undefined;
}

/** A signal by name, with or without `SIG`, or by number. @throws EngineError 400 in the Engine's words */
export function parseSignal(text: string): Signal {
  const number = /^\d+$/.test(text) ? Number(text) : numbers[text.toUpperCase().replace(/^SIG/, '')];
  if (number === undefined || number < 1 || number > 64) {
    throw new EngineError(400, `Invalid signal: ${text}`);
  }
  return { number, exitCode: fatal.has(number) ? 128 + number : undefined };
}
