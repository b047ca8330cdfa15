import { type BerthError, isBerthError } from '../errors/berth-error.ts';
import type { ErrorCode } from '../errors/catalogue.ts';

/** EX_CONFIG of sysexits.h: somebody must change something, starting again won't help. */
export const EXIT_CONFIG = 78;
/** EX_UNAVAILABLE: what nothing works without is away; starting again may help. */
const EXIT_UNAVAILABLE = 69;

const STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = {
  'database.unreachable': EXIT_UNAVAILABLE,
  'database.newer': EXIT_CONFIG,
  'database.migration-failed': EXIT_CONFIG,
  'database.migration-edited': EXIT_CONFIG,
  'secrets.unreadable': EXIT_CONFIG,
};

/** The exit status of a process that can't start for a reason that its message says wholly; undefined for anything else. */
export function exitStatusOf(error: unknown): { status: number; error: BerthError } | undefined {
  if (!isBerthError(error)) return undefined;
  const status = STATUSES[error.code];
  return status === undefined ? undefined : { status, error };
}
