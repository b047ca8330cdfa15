import type { PoolClient } from 'pg';
import type { Hint } from '../contracts/jobs.ts';
import { placementAspects, queueOf, type SiteWanted } from '../domain/aspects.ts';
import { chooseHosts, type HostRoom, type NoChoice, type WantsPlace } from '../domain/choose-hosts.ts';
import { gather } from '../runtime/gather.ts';
import { type Database, sqlState } from './database.ts';
import * as sql from './placing-sql.ts';
import { portRestMs } from './waiting-sites.ts';

/** A site on a host, with its numbers there. */
export interface Placed {
  placementId: string;
  hostId: string;
  port: number;
  slot: number;
}

/** What became of a wish to place a site. */
export type Placing =
  | { kind: 'placed'; placement: Placed; hints: Hint[] }
  /** the site is to be deleted, or isn't there */
  | { kind: 'not-wanted' }
  /** no host is ready to take sites */
  | { kind: 'no-host' }
  /** all ports of the pool are taken; `retryMs`: when one has rested that isn't left to those who wait already, if one does */
  | { kind: 'no-port'; retryMs: number | undefined }
  /** the wished port is taken on every host that is ready */
  | { kind: 'port-taken'; port: number }
  /** the hosts that have a port for it don't have so much memory left */
  | { kind: 'no-memory'; bytes: number };

interface ReadSite extends WantsPlace {
  wanted: SiteWanted;
  placement: Placed | null;
}

type Taken = Placed & { siteId: string; hints: Hint[] };

/** A port that somebody changes at this moment looks taken; one more try tells the truth. */
const TRIES = 3;
const RETRY_MS = 100;

/** Sites placed in one transaction: their rows and those of the hosts are locked meanwhile. */
const AT_MOST = 100;

/**
 * Gives sites their host, port and slot, and makes the conditions that hang on the placements; what one has already is returned. All
 * of them are placed in one transaction, under the locks of the hosts that are ready.
 */
export async function placeSites(db: Database, siteIds: readonly string[]): Promise<Map<string, Placing>> {
  const answers = new Map<string, Placing>();
  let left: readonly string[] = siteIds;
  for (let tries = 0; tries < TRIES && left.length > 0; tries += 1) {
    const asked = left;
    const some = await db.transaction((client) => placeOnce(client, asked));
    for (const [siteId, placing] of some) answers.set(siteId, placing);
    left = asked.filter((siteId) => !some.has(siteId));
  }
  for (const siteId of left) answers.set(siteId, { kind: 'no-port', retryMs: RETRY_MS });
  for (const [siteId, placing] of answers) {
    if (placing.kind === 'no-port' && !left.includes(siteId)) placing.retryMs = await portRestMs(db, siteId);
  }
  return answers;
}

/** Places one site. */
export async function placeSite(db: Database, siteId: string): Promise<Placing> {
  return (await placeSites(db, [siteId])).get(siteId) ?? { kind: 'not-wanted' };
}

/** Places sites of which many come at once: those that come while some are being placed are placed together. */
export function makePlacer(db: Database): (siteId: string) => Promise<Placing> {
  return gather((siteIds) => placeSites(db, siteIds), {
    atMost: AT_MOST,
    mayBeOne: (failure) => /^2[23]/.test(sqlState(failure) ?? ''),
  });
}

/** @returns nothing for a site whose port was taken in between */
async function placeOnce(client: PoolClient, siteIds: readonly string[]): Promise<Map<string, Placing>> {
  const answers = new Map<string, Placing>();
  await client.query({ ...sql.lock, values: [siteIds] });
  const { rows } = await client.query<{ sites: ReadSite[]; hosts: HostRoom[] }>({ ...sql.read, values: [siteIds] });
  const { sites = [], hosts = [] } = rows[0] ?? {};
  for (const siteId of siteIds) answers.set(siteId, { kind: 'not-wanted' });
  for (const { siteId, placement } of sites) {
    if (placement) answers.set(siteId, { kind: 'placed', placement, hints: [] });
  }
  const wanting = sites.filter(({ wanted, placement }) => wanted !== 'deleted' && !placement);
  const choices = chooseHosts(wanting, hosts);
  const places: { site: ReadSite; hostId: string }[] = [];
  for (const site of wanting) {
    const choice = choices.get(site.siteId);
    if (!choice) continue;
    if ('why' in choice) answers.set(site.siteId, toPlacing(site, choice.why));
    else places.push({ site, hostId: choice.hostId });
  }
  const taken = places.length > 0 ? await take(client, places) : [];
  for (const { site } of places) answers.delete(site.siteId);
  for (const { siteId, hints, ...placement } of taken) answers.set(siteId, { kind: 'placed', placement, hints });
  return answers;
}

async function take(client: PoolClient, places: readonly { site: ReadSite; hostId: string }[]): Promise<Taken[]> {
  const queues = placementAspects.map((aspect) => queueOf(aspect, 'x').slice(0, -2));
  const { rows } = await client.query<Taken>({
    ...sql.take,
    values: [
      places.map(({ site }) => site.siteId),
      places.map(({ hostId }) => hostId),
      places.map(({ site }) => site.pool),
      places.map(({ site }) => site.port),
      placementAspects,
      queues,
    ],
  });
  return rows;
}

function toPlacing({ port, bytes }: ReadSite, why: NoChoice): Placing {
  switch (why) {
    case 'no-host':
      return { kind: 'no-host' };
    case 'no-port':
      return { kind: 'no-port', retryMs: undefined };
    case 'port-taken':
      return { kind: 'port-taken', port: port ?? 0 };
    case 'no-memory':
      return { kind: 'no-memory', bytes };
  }
}
