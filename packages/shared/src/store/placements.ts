import type { Hint } from '../contracts/jobs.ts';
import type { SiteWanted } from '../domain/aspects.ts';
import type { PortPool } from '../domain/choose-hosts.ts';
import type { Database, Statement } from './database.ts';
import type { Placed } from './place-sites.ts';
import { OPEN_PORT, POOL } from './placing-sql.ts';
import { CALLED, callWaitingWithin, WAITS_FOR_PORT } from './waiting-sites.ts';

/**
 * $1 placement, $2 rest in seconds. Not all who wait are woken: of 900 that look for one port 899 find none, and where many ports are
 * freed at once they'd all write the same rows.
 */
const free: Statement = {
  name: 'placements-free',
  text: `with gone as (
    update placements set wanted = 'gone', gone_at = coalesce(gone_at, now()) where id = $1 returning id, host_id
  ), freed as (
    update port_allocations a set placement_id = null, rest_until = now() + $2::float8 * interval '1 s'
    from gone where a.placement_id = gone.id returning a.rest_until, a.pool, a.port
  ), called as (
    select c.id, freed.rest_until from freed, site_conditions c join sites s on s.id = c.site_id
    where ${WAITS_FOR_PORT} and (c.due_at is null or c.due_at > freed.rest_until) and s.wanted <> 'deleted' and ${POOL} = freed.pool
      and (s.wished_port is null or s.wished_port = freed.port)
    order by c.changed_at, c.id limit ${CALLED} for update of c skip locked
  ), woken as (
    update site_conditions c set wakes = c.wakes + 1, due_at = called.rest_until from called where c.id = called.id
    returning c.id, c.queue, c.due_at
  )
  select id as "conditionId", queue from woken where due_at <= now()`,
};

/** $1 placement, $2 pool, $3 seconds that the stranger's port is left alone */
const replacePort: Statement = {
  name: 'placements-replace-port',
  text: `with site as (
    select s.id from sites s join placements p on p.site_id = s.id where p.id = $1 for no key update of s
  ), old as (
    select p.id, p.host_id, p.port, p.site_id from placements p join site on site.id = p.site_id
    where p.id = $1 and p.gone_at is null for update of p
  ), next as (
    select a.host_id, a.port, a.slot from port_allocations a join old on old.host_id = a.host_id
    where a.pool = $2 and ${OPEN_PORT} and a.port <> old.port order by a.port limit 1 for update of a skip locked
  ), given_up as (
    update port_allocations a set placement_id = null, occupied_until = now() + $3::float8 * interval '1 s'
    from old, next where a.host_id = old.host_id and a.port = old.port returning a.port
  ), taken as (
    update port_allocations a set placement_id = old.id, rest_until = null, occupied_until = null
    from old, next where a.host_id = next.host_id and a.port = next.port returning a.port
  ), moved as (
    update placements p set port = next.port, slot = next.slot from next, old where p.id = old.id
    returning p.id, p.site_id, p.host_id, p.port, p.slot
  ), woken as (
    update site_conditions c set wakes = c.wakes + 1, due_at = now() from moved
    where c.site_id = moved.site_id
      and (c.aspect = 'placement' or (c.aspect = any('{container,connector}'::text[]) and c.placement_id = moved.id))
    returning c.id, c.queue
  )
  select moved.id as "placementId", moved.host_id as "hostId", moved.port, moved.slot,
    (select coalesce(json_agg(json_build_object('conditionId', woken.id, 'queue', woken.queue)), '[]'::json) from woken) as hints
  from moved`,
};

const wanted: Statement = { name: 'placements-wanted', text: 'select wanted from sites where id = $1' };

const openOnes: Statement = {
  name: 'placements-open',
  text: 'select id from placements where site_id = $1 and gone_at is null',
};

/** Of a placement that is wanted gone, all that hung on it was observed absent. */
const left: Statement = {
  name: 'placements-left',
  text: `select p.id from placements p where p.site_id = $1 and p.wanted = 'gone' and p.gone_at is null
    and not exists (select from site_conditions c where c.placement_id = p.id and c.gone_at is null)`,
};

/** What is wanted of a site. @throws when there is no such site */
export async function readSiteWanted(db: Database, siteId: string): Promise<SiteWanted> {
  const [row] = await db.run<{ wanted: SiteWanted }>(wanted, [siteId]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  return row.wanted;
}

/** The ids of a site's placements that aren't gone. */
export async function findOpenPlacements(db: Database, siteId: string): Promise<string[]> {
  return (await db.run<{ id: string }>(openOnes, [siteId])).map((row) => row.id);
}

/** The ids of a site's placements that have gone from their host while the site stays, and still hold their numbers there. */
export async function findLeftPlacements(db: Database, siteId: string): Promise<string[]> {
  return (await db.run<{ id: string }>(left, [siteId])).map((row) => row.id);
}

/**
 * Closes a placement after its container and connector were observed absent; its memory is free at once, and its port may be taken
 * again after its rest.
 * @returns whom to hint now: those of the sites that wait for a place which have waited longest
 */
export async function freePlacement(db: Database, placementId: string, restSeconds: number): Promise<Hint[]> {
  return db.transaction(async (client) => {
    const called = (await client.query<Hint>({ ...free, values: [placementId, restSeconds] })).rows;
    return [...called, ...(await callWaitingWithin(client))];
  });
}

/** How long a port that a stranger holds is left alone. */
const OCCUPIED_SECONDS = 3600;

/**
 * Gives a placement another port (and slot) of its host, because a stranger holds the one it had.
 * @returns undefined when no other port is free
 */
export async function replacePlacementPort(
  db: Database,
  placementId: string,
  pool: PortPool,
): Promise<{ placement: Placed; hints: Hint[] } | undefined> {
  const [row] = await db.run<Placed & { hints: Hint[] }>(replacePort, [placementId, pool, OCCUPIED_SECONDS]);
  if (!row) return undefined;
  const { hints, ...placement } = row;
  return { placement, hints };
}
