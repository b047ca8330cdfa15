import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { countUp } from '@berth/shared/store/rate-limits';

/** What customers may: a site that three restarts didn't help needs somebody who looks at it. */
const MOST = 3;
const WITHIN_MS = 600_000;

/** Counts one more restart that a customer asks for. @throws BerthError `restart.too-often` */
export async function mustRestartSeldom(db: Database, siteKey: string): Promise<void> {
  const retryAfterMs = await countUp(db, { of: 'restart', by: siteKey, most: MOST, withinMs: WITHIN_MS });
  if (retryAfterMs === undefined) return;
  const minutes = Math.ceil(retryAfterMs / 60_000);
  throw new BerthError(
    'restart.too-often',
    `three restarts in ten minutes are enough; the next one is possible in ${minutes} min`,
    {
      retryAfterMs,
    },
  );
}
