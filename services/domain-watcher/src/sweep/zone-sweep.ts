import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Log } from '@berth/shared/runtime/log';
import type { Metrics } from '@berth/shared/runtime/metrics';
import type { CloudflareAccount } from '@berth/shared/store/cloudflare-accounts';
import type { Database } from '@berth/shared/store/database';
import { listWatchedZones, type ObservedZone, recordZones } from '@berth/shared/store/zones';
import type { CloudflareZones } from '../reconcile/zone-access.ts';
import { confirmZones } from './confirm-zones.ts';

export interface SweepDeps {
  db: Database;
  zones: Pick<CloudflareZones, 'list' | 'get'>;
  account: CloudflareAccount;
  hints: Hints;
  log: Log;
  clock: Clock;
  owner: string;
  intervalMs: number;
}

/**
 * Looks once at all zones that sites wait for: a page of fifty pending zones costs one call, however many sites wait. A zone that
 * isn't pending any more is confirmed; one that can't be doesn't keep the others waiting.
 * @returns how many zones were looked at; undefined when another process sweeps
 * @throws the first failure, once all that could be seen is written down
 */
export async function sweepZones(deps: SweepDeps, signal: AbortSignal): Promise<number | undefined> {
  const { db, account, hints } = deps;
  const watched = await listWatchedZones(db, account.id);
  if (watched.length === 0) return 0;
  const pending = await listPending(deps, signal);
  if (!pending) return undefined;
  hints.send(
    await recordZones(
      db,
      account.id,
      watched.flatMap(({ cfZoneId }) => pending.get(cfZoneId) ?? []),
    ),
  );
  const failures = await confirmZones(
    { ...deps, keepSweeping: () => keepSweeping(deps) },
    watched.filter(({ cfZoneId }) => !pending.has(cfZoneId)),
    signal,
  );
  if (!failures) return undefined;
  if (failures.length > 0) throw failures[0];
  return watched.length;
}

/** @returns undefined when another process took over */
async function listPending(deps: SweepDeps, signal: AbortSignal): Promise<Map<string, ObservedZone> | undefined> {
  const pending = new Map<string, ObservedZone>();
  for (let page = 1; ; page += 1) {
    if (!(await keepSweeping(deps))) return undefined;
    const known = pending.size;
    const answer = await deps.zones.list('pending', page, signal);
    for (const zone of answer.zones) pending.set(zone.cfZoneId, zone);
    if (!answer.full || pending.size === known) return pending;
  }
}

/** A long sweep renews its lease before each of its calls. @returns whether this process is the one that sweeps */
function keepSweeping({ account, owner, intervalMs }: SweepDeps): Promise<boolean> {
  return account.leaseSweep(owner, Math.max(10_000, 3 * intervalMs));
}

/** Sweeps every `intervalMs`, in one process of all. @returns stops it and waits for the sweep under way */
export function startZoneSweep(deps: SweepDeps & { metrics: Pick<Metrics, 'sweeps'> }): () => Promise<void> {
  const { account, clock, log, metrics, owner, intervalMs } = deps;
  const stopped = new AbortController();
  let sweeping = false;

  async function round(): Promise<void> {
    sweeping = await keepSweeping(deps);
    if (!sweeping) return;
    const end = metrics.sweeps.startTimer({ sweep: 'zones' });
    const looked = await sweepZones(deps, stopped.signal).catch((error: unknown) => {
      end({ result: 'failed' });
      throw error;
    });
    end({ result: looked === undefined ? 'lost' : 'done' });
    if (looked === undefined) return;
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
    // The next process needn't wait for the end of a lease that nobody uses.
    if (sweeping) await account.leaseSweep(owner, 0).catch(() => undefined);
  }

  const running = live();
  return async () => {
    stopped.abort();
    await running;
  };
}
