import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { countUp } from '@berth/shared/store/rate-limits';

/** Whoever presses a button again and again makes nothing faster, and calls of the account are counted. */
const MOST = 10;
const WITHIN_MS = 60_000;

/** Counts one more try that somebody asks for at a site. @throws BerthError `retry.too-often` */
export async function mustRetrySeldom(db: Database, siteKey: string): Promise<void> {
  const retryAfterMs = await countUp(db, { of: 'retry', by: siteKey, most: MOST, withinMs: WITHIN_MS });
  if (retryAfterMs === undefined) return;
  throw new BerthError('retry.too-often', `ten tries in a minute are enough for site ${siteKey}`, { retryAfterMs });
}
