import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { Log } from '@berth/shared/runtime/log';
import type { AccountRounds } from '@berth/shared/store/account-rounds';
import { listLogpushZones, postponeLogpush, recordLogpush } from '@berth/shared/store/zone-logpush';
import { LEASE_MS, LeaseLost } from '../traffic/reading.ts';
import { failureOf, type LogpushDeps, reconcileLogpush } from './reconcile-logpush.ts';

export interface KeepLogpushDeps extends Omit<LogpushDeps, 'assert'> {
  readings: AccountRounds;
  log: Log;
  owner: string;
}

const ZONES_MAX = 50;
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 3_600_000;

/**
 * Looks at the Logpush jobs of the zones that are due. One that can't be looked at is tried again later and doesn't keep the others
 * waiting; when Cloudflare wants fewer calls, all wait.
 * @returns how many zones were looked at
 * @throws BerthError `cloudflare.rate-limited`; LeaseLost
 */
export async function keepLogpush(deps: KeepLogpushDeps, signal: AbortSignal): Promise<number> {
  const { db, accountId, target, readings, owner, log } = deps;
  const assert = async () => {
    signal.throwIfAborted();
    if (!(await readings.renew(owner, LEASE_MS))) throw new LeaseLost('another process keeps the jobs');
  };
  const zones = await listLogpushZones(db, accountId, { isWanted: target !== null, limit: ZONES_MAX });
  for (const zone of zones) {
    try {
      await assert();
      const finding = await reconcileLogpush({ ...deps, assert }, zone, signal);
      await recordLogpush(db, zone.zoneId, { ...finding, tries: 0 });
    } catch (error) {
      if (error instanceof LeaseLost || signal.aborted || isBerthError(error, 'cloudflare.rate-limited')) throw error;
      if (!(error instanceof BerthError)) throw error;
      const tries = zone.tries + 1;
      const nextMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries - 1, 10));
      await postponeLogpush(db, zone.zoneId, { ...failureOf(error), tries, nextMs });
      log.warn({ zone: zone.name, err: error.message }, 'logpush could not be kept, trying again');
    }
  }
  return zones.length;
}
