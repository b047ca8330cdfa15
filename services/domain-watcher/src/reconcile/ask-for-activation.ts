import { isBerthError } from '@berth/shared/errors/berth-error';
import type { ErrorCode } from '@berth/shared/errors/catalogue';
import type { Work } from '@berth/shared/runtime/reconciler';
import { takeActivationCheck } from '@berth/shared/store/activation-checks';
import type { Database } from '@berth/shared/store/database';
import type { KnownZone } from '@berth/shared/store/zones';
import type { CloudflareZones } from './zone-access.ts';

/** Cloudflare takes one an hour for a zone without a paid plan, and refuses more with 1224. */
const EVERY_MS = 3_660_000;

/** A token for ZONE_MODE=find may not ask, for one. */
const NOT_ASKED = [
  'cloudflare.refused',
  'cloudflare.unauthorized',
  'cloudflare.unavailable',
  'cloudflare.rate-limited',
] as const satisfies readonly ErrorCode[];

/**
 * Has Cloudflare look for a pending zone's name servers at once, when a check that somebody asked for has seen them set: by itself it looks
 * at ever longer intervals. It only queues a look, which the sweep sees the end of; whatever becomes of it, the zone is waited for as before.
 */
export async function askForActivation(
  { db, zones }: { db: Database; zones: Pick<CloudflareZones, 'askForActivation'> },
  work: Work,
  { id, cfZoneId, name, nameServers }: KnownZone,
): Promise<void> {
  const wish = { siteId: work.siteId, zoneId: id, expected: nameServers, everyMs: EVERY_MS };
  if (!(await takeActivationCheck(db, wish))) return;
  await work.lease.assert();
  try {
    await zones.askForActivation(cfZoneId, work.lease.signal);
  } catch (error) {
    if (!isBerthError(error, ...NOT_ASKED)) throw error;
    work.log.warn({ zone: name, err: error.message }, 'Cloudflare was not asked to look for name servers');
  }
}
