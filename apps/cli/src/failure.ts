import type { Ending } from './exit-statuses.ts';

interface FailureParts {
  ending: Ending;
  /** what was being done, or what is wrong */
  what: string;
  /** why it went wrong, a line each */
  why?: readonly string[];
  /** what to do about it */
  fix?: string | undefined;
  /** for programs, such as port.taken */
  code?: string | undefined;
  /** finds the request in the API's log */
  requestId?: string | undefined;
  cause?: unknown;
}

/** Why a command ends without having done what it was asked for. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly parts: FailureParts;

  constructor(parts: FailureParts) {
    super(parts.what, { cause: parts.cause });
    this.parts = parts;
  }

  get ending(): Ending {
    return this.parts.ending;
  }
}
