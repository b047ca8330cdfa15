import { isBerthError } from '../errors/berth-error.ts';
import { applyMigrations } from '../store/migrate.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

interface Options {
  url: string;
  log: Log;
  clock: Pick<Clock, 'monotonicMs' | 'wait'>;
  /** for so long at most */
  waitSeconds: number;
}

const AGAIN_MS = 500;
/** Postgres's classes of SQLSTATE for a login that is refused and for a database that isn't there: waiting mends neither. */
const REFUSED = /^(28|3D)/;

/**
 * Applies the migrations as soon as the database answers. One that starts beside this process, or again, is waited for: whoever ends
 * instead is started by Docker after longer and longer pauses.
 * @throws BerthError as `applyMigrations`
 */
export async function migrateWhenReachable({ url, log, clock, waitSeconds }: Options): Promise<void> {
  const end = clock.monotonicMs() + waitSeconds * 1000;
  for (let told = false; ; told = true) {
    try {
      await applyMigrations({ url, log });
      return;
    } catch (error) {
      if (!isAway(error) || clock.monotonicMs() >= end) throw error;
      if (!told) log.warn({ reason: error.message, waitSeconds }, 'the database does not answer, trying again');
      await clock.wait(AGAIN_MS);
    }
  }
}

function isAway(error: unknown): error is Error {
  if (!isBerthError(error, 'database.unreachable')) return false;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return !REFUSED.test(code);
}
