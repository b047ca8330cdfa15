import { BerthError } from '@berth/shared/errors/berth-error';

const RETRY_MS = 600_000;

/** The zone of a site that stays is not in the account any more: what is to be done, in words of our own. */
export function zoneLeft(zoneName: string, cause?: unknown): BerthError {
  const message =
    `the zone of ${zoneName} is not in the Cloudflare account any more: somebody deleted it there, or moved it to another account. ` +
    'Bring it back into the account, or delete the site; Berth goes on by itself';
  return new BerthError('zone.left', message, { cause, retryAfterMs: RETRY_MS });
}
