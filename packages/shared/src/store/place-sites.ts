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
  /** its host fell silent, and no other has room for it */
  | { kind: 'host-down'; placement: Placed }
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

/** What becomes of sites that aren't live yet when their host falls silent. */
export interface Moving {
  /** how long it must have been down */
  downSeconds: number;
  /** @returns a new secret for a tunnel, encrypted */
  newTunnelSecret(): string;
}

interface ReadSite extends WantsPlace {
  wanted: SiteWanted;
  live: boolean;
  /** its host fell silent long enough ago */
  lost: boolean;
  placement: Placed | null;
}

interface Place {
  site: ReadSite;
  hostId: string;
}

/** A site would have lost its placement without getting another: all is undone, and tried once more. */
class PortLost extends Error {}

type Taken = Placed & { siteId: string; hints: Hint[] };

/** A port that somebody changes at this moment looks taken; one more try tells the truth. */
const TRIES = 3;
const RETRY_MS = 100;

/** Sites placed in one transaction: their rows and those of the hosts are locked meanwhile. */
const AT_MOST = 100;

/**
 * Gives sites their host, port and slot, and makes the conditions that hang on the placements; what one has already is returned. All
 * of them are placed in one transaction, under the locks of the hosts that are ready.
 * @param moving when sites that aren't live yet leave a host that fell silent; never when absent
 */
export async function placeSites(
  db: Database,
  siteIds: readonly string[],
  moving?: Moving,
): Promise<Map<string, Placing>> {
  const answers = new Map<string, Placing>();
  let left: readonly string[] = siteIds;
  for (let tries = 0; tries < TRIES && left.length > 0; tries += 1) {
    const asked = left;
    const some = await db
      .transaction((client) => placeOnce(client, asked, moving))
      .catch((error: unknown) => {
        if (error instanceof PortLost) return new Map<string, Placing>();
        throw error;
      });
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
export async function placeSite(db: Database, siteId: string, moving?: Moving): Promise<Placing> {
  return (await placeSites(db, [siteId], moving)).get(siteId) ?? { kind: 'not-wanted' };
}

/** Places sites of which many come at once: those that come while some are being placed are placed together. */
export function makePlacer(db: Database, moving?: Moving): (siteId: string) => Promise<Placing> {
  return gather((siteIds) => placeSites(db, siteIds, moving), {
    atMost: AT_MOST,
    mayBeOne: (failure) => /^2[23]/.test(sqlState(failure) ?? ''),
  });
}

/** @returns nothing for a site whose port was taken in between */
async function placeOnce(
  client: PoolClient,
  siteIds: readonly string[],
  moving: Moving | undefined,
): Promise<Map<string, Placing>> {
  await client.query({ ...sql.lock, values: [siteIds] });
  const { rows } = await client.query<{ sites: ReadSite[]; hosts: HostRoom[] }>({
    ...sql.read,
    values: [siteIds, moving?.downSeconds ?? null],
  });
  const { sites = [], hosts = [] } = rows[0] ?? {};
  const answers = new Map<string, Placing>(siteIds.map((siteId) => [siteId, { kind: 'not-wanted' }]));
  for (const { siteId, placement } of sites) {
    if (placement) answers.set(siteId, { kind: 'placed', placement, hints: [] });
  }
  const wanting = sites.filter((site) => site.wanted !== 'deleted' && (!site.placement || mayMove(site)));
  const choices = chooseHosts(wanting, hosts);
  const places: Place[] = [];
  for (const site of wanting) {
    const choice = choices.get(site.siteId);
    if (!choice) continue;
    if ('why' in choice) answers.set(site.siteId, toPlacing(site, choice.why));
    else places.push({ site, hostId: choice.hostId });
  }
  for (const { site } of places) answers.delete(site.siteId);
  const left = moving ? await leaveLost(client, places, moving) : [];
  const taken = places.length > 0 ? await take(client, places) : [];
  for (const { siteId, hints, ...placement } of taken) {
    answers.set(siteId, { kind: 'placed', placement, hints: [...hints, ...left] });
  }
  if (places.some(({ site }) => site.placement && !answers.has(site.siteId))) throw new PortLost();
  return answers;
}

/** What has been live stays: to move it is an operator's decision. */
function mayMove({ wanted, live, lost }: ReadSite): boolean {
  return wanted === 'running' && lost && !live;
}

/** Lets go of the placements on hosts that are lost. @returns whom to hint */
async function leaveLost(client: PoolClient, places: readonly Place[], moving: Moving): Promise<Hint[]> {
  const siteIds = places.flatMap(({ site }) => (site.placement ? [site.siteId] : []));
  if (siteIds.length === 0) return [];
  const secrets = siteIds.map(() => moving.newTunnelSecret());
  return (await client.query<Hint>({ ...sql.leave, values: [siteIds, secrets] })).rows;
}

async function take(client: PoolClient, places: readonly Place[]): Promise<Taken[]> {
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

function toPlacing({ placement, port, bytes }: ReadSite, why: NoChoice): Placing {
  if (placement) return { kind: 'host-down', placement };
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
