import { type ErrorCode, errorCodes, type Retry } from './catalogue.ts';

/** What is wrong with one field of a request; `pointer` is an RFC 6901 pointer with a leading `#`. */
export interface FieldProblem {
  pointer: string;
  detail: string;
  /** a constant such as `ip.host-bits`, for who says it in another language; those of schemas have none */
  code?: string;
  /** what the sentence of the code names */
  values?: Readonly<Record<string, string | number>>;
}

interface BerthErrorOptions {
  cause?: unknown;
  /** problems of single fields, for `request.invalid` */
  fields?: readonly FieldProblem[];
  /** the least time until another try can help, in milliseconds */
  retryAfterMs?: number;
}

/** The one error class: a code of the catalogue, what was being done to which thing, and the original as `cause`. */
export class BerthError extends Error {
  override readonly name = 'BerthError';
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: BerthErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get retry(): Retry {
    return errorCodes[this.code].retry;
  }
}

/** Whether `error` is a `BerthError`, with one of `codes` when any are given. */
export function isBerthError(error: unknown, ...codes: ErrorCode[]): error is BerthError {
  return error instanceof BerthError && (codes.length === 0 || codes.includes(error.code));
}

/** An error's message in one line, for logs and conditions; never the stack. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0]?.slice(0, 500) ?? '';
}
