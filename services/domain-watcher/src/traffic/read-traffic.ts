import { groupBy } from '@berth/shared/domain/group-by';
import { HOUR_MS, hoursBetween, type TrafficGiven, withQuietHours } from '@berth/shared/domain/traffic';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { type TrafficReadings, type TrafficZone, writeTraffic } from '@berth/shared/store/traffic-readings';
import { inTens, LEASE_MS, LeaseLost } from './reading.ts';
import type { CloudflareTraffic } from './traffic-access.ts';

export interface TrafficDeps {
  db: Database;
  traffic: CloudflareTraffic;
  readings: TrafficReadings;
  clock: Clock;
  log: Log;
  owner: string;
  /** between two queries: Cloudflare counts them over five minutes */
  pauseMs: number;
}

/**
 * Reads the traffic of all zones that are due, ten in a query, each from where it was left; hours that weren't complete are read again.
 * What was read is written at once, so that whoever goes on after a death repeats ten zones at most.
 * @returns how many zones were read
 * @throws BerthError `cloudflare.*`; LeaseLost
 */
export async function readAllTraffic(deps: TrafficDeps, signal: AbortSignal): Promise<number> {
  const due = await deps.readings.listDue();
  const groups = [...groupBy(due, (zone) => `${zone.given} ${zone.from}`).values()].flatMap(inTens);
  let queries = 0;
  const ask = async (zones: readonly TrafficZone[], given: Exclude<TrafficGiven, 'nothing'>) => {
    if (queries > 0) await deps.clock.wait(deps.pauseMs, signal);
    queries += 1;
    // Also for the pause after it, which is longer than a lease where few queries are allowed.
    if (!(await deps.readings.renew(deps.owner, LEASE_MS + deps.pauseMs))) throw new LeaseLost('another process reads');
    return readZones(deps, zones, given, signal);
  };
  for (const group of groups) {
    const given = group[0]?.given === 'basic' ? 'basic' : 'all';
    if (await ask(group, given)) continue;
    // One of them has a plan that doesn't give it, and the answer doesn't say which.
    for (const zone of group) {
      const got = (group.length > 1 && (await ask([zone], given))) || (given === 'all' && (await ask([zone], 'basic')));
      if (!got) await writeTraffic(deps.db, zone, { hours: [], until: null, given: 'nothing' });
    }
  }
  return due.length;
}

/** @returns false when it isn't given of all of them */
async function readZones(
  { db, traffic, clock }: TrafficDeps,
  zones: readonly TrafficZone[],
  given: Exclude<TrafficGiven, 'nothing'>,
  signal: AbortSignal,
): Promise<boolean> {
  const now = clock.date().getTime();
  const to = new Date(Math.ceil((now + 1) / HOUR_MS) * HOUR_MS).toISOString();
  const from = zones[0]?.from ?? to;
  const ids = zones.map((zone) => zone.cfZoneId);
  const answer = await traffic.read(ids, { from, to }, given, signal);
  if (answer.kind === 'not-given') return false;
  const hours = hoursBetween(Date.parse(from), now);
  const until = new Date(now).toISOString();
  for (const zone of zones) {
    // A zone that isn't in the answer is one that the token may not see: its hours aren't known.
    const seen = answer.hours.get(zone.cfZoneId);
    if (seen) await writeTraffic(db, zone, { hours: withQuietHours(seen, hours, given), until, given });
  }
  return true;
}
