import type { FindDelegation } from '@berth/edge/dns/find-delegation';
import { again, type Outcome } from '@berth/shared/domain/outcome';
import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import { noteSigned, type Takeover } from '@berth/shared/store/zone-takeovers';
import type { KnownZone } from '@berth/shared/store/zones';

interface Deps {
  db: Database;
  findDelegation: FindDelegation;
  patienceMs: number;
}

const LOOK_AGAIN_MS = 1_800_000;
const UNANSWERED_MS = 10_000;
/** As long as the registries let resolvers remember; a longer one would be a mistake. */
const REMEMBERED_MAX_SECONDS = 172_800;

/**
 * Waits until the parent holds no DS record of a domain, and until no resolver remembers one: with Cloudflare's unsigned answers, those who
 * check signatures wouldn't find it any more.
 * @returns undefined once it may be switched, or nobody could tell for long enough
 */
export async function awaitUnsigned(
  { db, findDelegation, patienceMs }: Deps,
  work: Work,
  { id, name }: KnownZone,
  { dsRememberedMs, unansweredMs }: Takeover,
): Promise<Outcome | undefined> {
  const found = await findDelegation(name, work.lease.signal).catch((error: unknown) => {
    if (isBerthError(error, 'dns.unavailable')) return undefined;
    throw error;
  });
  if (!found?.ds) {
    await noteSigned(db, id, undefined);
    if (unansweredMs >= patienceMs) return undefined;
    return again(Math.min(UNANSWERED_MS, patienceMs), 'CheckingDnssec', `nobody told yet whether ${name} is signed`);
  }
  if (found.ds.length > 0) {
    await noteSigned(db, id, true, Math.min(found.dsTtlSeconds, REMEMBERED_MAX_SECONDS));
    return again(
      LOOK_AGAIN_MS,
      'DnssecActive',
      `${name} is signed by its present provider: at its registrar, switch DNSSEC off (remove the DS record) first; the name servers are told after that`,
    );
  }
  await noteSigned(db, id, false);
  if (dsRememberedMs === 0) return undefined;
  const hours = Math.ceil(dsRememberedMs / 3_600_000);
  const message = `DNSSEC of ${name} is off; the name servers are told once nobody remembers it, in at most ${hours} h`;
  return again(Math.min(dsRememberedMs, LOOK_AGAIN_MS), 'DnssecEnding', message);
}
