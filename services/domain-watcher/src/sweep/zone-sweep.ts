import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Log } from '@berth/shared/runtime/log';
import type { CloudflareAccount } from '@berth/shared/store/cloudflare-accounts';
import type { Database } from '@berth/shared/store/database';
import { listWatchedZones, type ObservedZone, recordZones } from '@berth/shared/store/zones';
import type { CloudflareZones } from '../reconcile/zone-access.ts';

export interface SweepDeps {
  db: Database;
  zones: Pick<CloudflareZones, 'listPending' | 'get'>;
  account: CloudflareAccount;
  hints: Hints;
  log: Log;
  clock: Clock;
  owner: string;
  intervalMs: number;
}

/** Confirmations of vanished zones per sweep; the rest follow in the next. */
const CONFIRM_AT_MOST = 100;
const CONFIRM_AT_ONCE = 10;

/**
 * Looks once at all zones that sites wait for: a page of fifty pending zones costs one call, however many sites wait. A zone that
 * isn't pending any more is confirmed by one call of its own.
 * @returns how many zones were looked at
 */
export async function sweepZones(deps: SweepDeps, signal: AbortSignal): Promise<number> {
  const { db, zones, account, hints } = deps;
  const watched = await listWatchedZones(db, account.id);
  if (watched.length === 0) return 0;
  const pending = await listPending(zones, signal);
  const waiting = watched.filter((id) => pending.has(id)).flatMap((id) => pending.get(id) ?? []);
  hints.send(await recordZones(db, account.id, waiting));
  const vanished = watched.filter((id) => !pending.has(id)).slice(0, CONFIRM_AT_MOST);
  for (let from = 0; from < vanished.length; from += CONFIRM_AT_ONCE) {
    const some = vanished.slice(from, from + CONFIRM_AT_ONCE);
    const seen = await Promise.all(
      some.map(async (cfZoneId) => {
        const zone = await zones.get(cfZoneId, signal);
        return zone ?? { cfZoneId, status: 'deleted' as const, nameServers: [] };
      }),
    );
    hints.send(await recordZones(db, account.id, seen));
  }
  return watched.length;
}

async function listPending(zones: SweepDeps['zones'], signal: AbortSignal): Promise<Map<string, ObservedZone>> {
  const pending = new Map<string, ObservedZone>();
  for (let page = 1; ; page += 1) {
    const answer = await zones.listPending(page, signal);
    for (const zone of answer.zones) pending.set(zone.cfZoneId, zone);
    if (!answer.full) return pending;
  }
}

/** Sweeps every `intervalMs`, in one process of all. @returns stops it and waits for the sweep under way */
export function startZoneSweep(deps: SweepDeps): () => Promise<void> {
  const { account, clock, log, owner, intervalMs } = deps;
  const stopped = new AbortController();
  const leaseMs = Math.max(10_000, 3 * intervalMs);

  async function round(): Promise<void> {
    if (!(await account.leaseSweep(owner, leaseMs))) return;
    const looked = await sweepZones(deps, stopped.signal);
    await account.noteSwept(owner);
    if (looked > 0) log.debug({ zones: looked }, 'zones swept');
  }

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => {
        if (!stopped.signal.aborted) log.warn({ err: messageOf(error) }, 'zone sweep failed, trying again');
      });
      await clock.wait(intervalMs, stopped.signal).catch(() => undefined);
    }
  }

  const running = live();
  return async () => {
    stopped.abort();
    await running;
  };
}
