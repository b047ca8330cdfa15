import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Hints } from '@berth/shared/runtime/hints';
import type { CloudflareAccount } from '@berth/shared/store/cloudflare-accounts';
import type { Database } from '@berth/shared/store/database';
import {
  absentZone,
  countActiveZones,
  type ObservedZone,
  recordZones,
  type SeenZone,
  type WatchedZone,
} from '@berth/shared/store/zones';
import { type CloudflareZones, ZONES_PER_PAGE } from '../reconcile/zone-access.ts';

interface Deps {
  db: Database;
  zones: Pick<CloudflareZones, 'list' | 'get'>;
  account: Pick<CloudflareAccount, 'id'>;
  hints: Hints;
  /** @returns whether this process is still the one that sweeps */
  keepSweeping(): Promise<boolean>;
}

/** Confirmations by a call of their own per sweep; the rest follow in the next. */
const CONFIRM_AT_MOST = 100;
const CONFIRM_AT_ONCE = 10;

/**
 * Looks at zones that aren't pending any more. When many turn active at once, as after a night without a sweep, pages of active zones tell
 * of fifty by one call; each of the rest costs one of its own, since absence from a list proves nothing.
 * @returns what failed; undefined when another process took over
 */
export async function confirmZones(
  deps: Deps,
  vanished: readonly WatchedZone[],
  signal: AbortSignal,
): Promise<unknown[] | undefined> {
  const { db, zones, account, hints } = deps;
  const record = async (seen: readonly SeenZone[]) => hints.send(await recordZones(db, account.id, seen));
  const listed = await findAmongActive(deps, vanished, signal);
  if (!listed) return undefined;
  await record([...listed.values()]);
  const rest = vanished.filter(({ cfZoneId }) => !listed.has(cfZoneId)).slice(0, CONFIRM_AT_MOST);
  const failures: unknown[] = [];
  for (let from = 0; from < rest.length && !isUseless(failures.at(-1), signal); from += CONFIRM_AT_ONCE) {
    if (!(await deps.keepSweeping())) return undefined;
    const looks = await Promise.allSettled(
      rest
        .slice(from, from + CONFIRM_AT_ONCE)
        .map(async (zone) => (await zones.get(zone, signal)) ?? absentZone(zone.cfZoneId)),
    );
    await record(looks.flatMap((look) => (look.status === 'fulfilled' ? look.value : [])));
    failures.push(...looks.flatMap((look) => (look.status === 'rejected' ? [look.reason as unknown] : [])));
  }
  return failures;
}

/** Reads pages only while they are fewer than the calls that they may save. One that fails leaves the rest to calls of their own. */
async function findAmongActive(
  deps: Deps,
  vanished: readonly WatchedZone[],
  signal: AbortSignal,
): Promise<Map<string, ObservedZone> | undefined> {
  const found = new Map<string, ObservedZone>();
  const wanted = new Set(vanished.map(({ cfZoneId }) => cfZoneId));
  if (vanished.length < 2) return found;
  const pages = Math.ceil(((await countActiveZones(deps.db, deps.account.id)) + vanished.length) / ZONES_PER_PAGE);
  if (pages >= vanished.length) return found;
  for (let page = 1; page < vanished.length && found.size < wanted.size; page += 1) {
    if (!(await deps.keepSweeping())) return undefined;
    const answer = await deps.zones.list('active', page, signal).catch((error: unknown) => {
      if (isUseless(error, signal)) throw error;
      return undefined;
    });
    for (const zone of answer?.zones ?? []) if (wanted.has(zone.cfZoneId)) found.set(zone.cfZoneId, zone);
    if (!answer?.full) break;
  }
  return found;
}

/** Whether further calls would fail as well. */
function isUseless(failure: unknown, signal: AbortSignal): boolean {
  return signal.aborted || isBerthError(failure, 'cloudflare.rate-limited', 'cloudflare.unauthorized');
}
