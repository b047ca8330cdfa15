import { groupBy } from '@berth/shared/domain/group-by';
import type { AddressBits } from '@berth/shared/domain/shorten-address';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { AccountRounds } from '@berth/shared/store/account-rounds';
import type { Database } from '@berth/shared/store/database';
import {
  listRequestZones,
  noteRequests,
  passRequests,
  type RequestZone,
  writeRequests,
} from '@berth/shared/store/request-log';
import { inTens, LEASE_MS, LeaseLost } from '../traffic/reading.ts';
import { planPage } from './plan-page.ts';
import type { CloudflareRequests } from './request-access.ts';

export interface RequestDeps {
  db: Database;
  requests: CloudflareRequests;
  readings: AccountRounds;
  accountId: string;
  clock: Clock;
  log: Log;
  owner: string;
  /** between two queries: Cloudflare counts them over five minutes */
  pauseMs: number;
  retentionDays: number;
  /** how much of visitors' addresses is kept */
  keep: AddressBits;
  /** so many rows are kept of a zone and a day */
  rowsPerDay: number;
  /** groups of requests that one query gives of a zone */
  limit?: number;
}

const LIMIT = 1000;
/** A zone that has more than so many answers gets its turn again in the next reading. */
const PAGES_MAX = 5;
/** Asked for at once: a free plan gives a day. */
const SPAN_MS = 21_600_000;
/** What is asked for of a zone whose plan gives less than it should. */
const SHORT_MS = 3_600_000;

/**
 * Reads the sampled requests of all zones that are due, ten in a query, each from where it was left. What was read is written at once,
 * together with how far: whoever goes on after a death repeats ten zones at most, and writes the same rows over them.
 * @returns how many zones were read
 * @throws BerthError `cloudflare.*`; LeaseLost
 */
export async function readAllRequests(deps: RequestDeps, signal: AbortSignal): Promise<number> {
  const due = await listRequestZones(deps.db, deps.accountId, deps.retentionDays);
  const wanted = due.filter(({ sites }) => sites.some(({ hosts }) => hosts.length > 0));
  const zones = wanted.filter(({ dayRows }) => dayRows < deps.rowsPerDay);
  for (const zone of wanted) if (!zones.includes(zone)) await skipDay(deps, zone);
  const ask = makeAsk(deps, signal);
  for (const group of [...groupBy(zones, ({ from }) => from).values()].flatMap(inTens)) {
    const unread = await readGroup(deps, ask, group);
    for (const zone of unread) await readAlone(deps, ask, zone);
  }
  return wanted.length;
}

type Ask = (zones: readonly RequestZone[], to: string) => ReturnType<CloudflareRequests['read']>;

function makeAsk({ clock, readings, owner, pauseMs, requests, limit = LIMIT }: RequestDeps, signal: AbortSignal): Ask {
  let queries = 0;
  return async (zones, to) => {
    if (queries > 0) await clock.wait(pauseMs, signal);
    queries += 1;
    // Also for the pause after it, which is longer than a lease where few queries are allowed.
    if (!(await readings.renew(owner, LEASE_MS + pauseMs))) throw new LeaseLost('another process reads');
    const hosts = [...new Set(zones.flatMap(({ sites }) => sites.flatMap((site) => site.hosts)))];
    const from = zones[0]?.from ?? to;
    const ids = zones.map(({ cfZoneId }) => cfZoneId);
    return requests.read(ids, { from, to, hosts, limit }, signal);
  };
}

/** @returns those of the group that need an answer of their own: the rest of theirs, or the first one */
async function readGroup(deps: RequestDeps, ask: Ask, group: readonly RequestZone[]): Promise<RequestZone[]> {
  const to = endOf(deps, group[0]?.from ?? '');
  const answer = await ask(group, to);
  // One of them has a plan that gives less, and the answer doesn't say which.
  if (answer.kind !== 'read') return [...group];
  const unread: RequestZone[] = [];
  for (const zone of group) {
    const page = await write(deps, zone, answer.requests.get(zone.cfZoneId), to);
    if (page) unread.push(page);
  }
  return unread;
}

/** Reads a zone by itself, answer by answer, until it's read or has had its turn. */
async function readAlone(deps: RequestDeps, ask: Ask, begin: RequestZone): Promise<void> {
  let zone: RequestZone | undefined = begin;
  for (let page = 0; zone && page < PAGES_MAX; page += 1) {
    if (zone.dayRows + page * (deps.limit ?? LIMIT) >= deps.rowsPerDay) return skipDay(deps, zone);
    const to = endOf(deps, zone.from);
    const answer = await ask([zone], to);
    if (answer.kind === 'not-given')
      return noteRequests(deps.db, zone, { given: 'nothing', until: null, skipped: false });
    if (answer.kind === 'too-far') {
      const until = new Date(deps.clock.date().getTime() - SHORT_MS).toISOString();
      return noteRequests(deps.db, zone, { given: 'sampled', until, skipped: true });
    }
    zone = await write(deps, zone, answer.requests.get(zone.cfZoneId), to);
  }
}

/** @returns the zone from where it is to be read on; undefined when it's read up to now */
async function write(
  { db, clock, keep, limit = LIMIT }: RequestDeps,
  zone: RequestZone,
  answer: Parameters<typeof planPage>[0] | undefined,
  to: string,
): Promise<RequestZone | undefined> {
  // A zone that isn't in the answer is one that the token may not see, or that has just left the account.
  if (!answer) {
    await passRequests(db, zone.zoneId);
    return undefined;
  }
  const { requests, until, skipped } = planPage(answer, { to, limit, sites: zone.sites, keep });
  await writeRequests(db, zone, { from: zone.from, until, requests, skipped });
  const isBehind = clock.date().getTime() - Date.parse(until) > SPAN_MS / 2;
  return until < to || isBehind ? { ...zone, from: until } : undefined;
}

/** The day has as many rows as are kept of one: the rest of it is left out. */
async function skipDay({ db, clock }: RequestDeps, zone: RequestZone): Promise<void> {
  const midnight = new Date(`${zone.from.slice(0, 10)}T00:00:00.000Z`);
  midnight.setUTCDate(midnight.getUTCDate() + 1);
  const until = new Date(Math.min(midnight.getTime(), clock.date().getTime())).toISOString();
  await noteRequests(db, zone, { given: 'sampled', until, skipped: true });
}

function endOf({ clock }: RequestDeps, from: string): string {
  return new Date(Math.min(Date.parse(from) + SPAN_MS, clock.date().getTime())).toISOString();
}
