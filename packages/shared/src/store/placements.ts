import type { Hint } from '../contracts/jobs.ts';
import { placementAspects, queueOf, type SiteWanted } from '../domain/aspects.ts';
import type { Database, Statement } from './database.ts';

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
  /** no host is ready to take sites */
  | { kind: 'no-host' }
  /** all ports of the pool are taken; `retryMs`: when one has rested that isn't left to those who wait already, if one does */
  | { kind: 'no-port'; retryMs: number | undefined }
  /** the wished port is taken on every host that is ready */
  | { kind: 'port-taken' };

interface PlacedRow {
  placement_id: string;
  host_id: string;
  port: number;
  slot: number;
  hints: Hint[];
}

const OPEN_ROW = `a.placement_id is null and (a.rest_until is null or a.rest_until <= now())
  and (a.occupied_until is null or a.occupied_until <= now())`;

/** for `site_conditions c` */
const WAITING = `c.aspect = 'placement' and c.gone_at is null and c.status <> 'true'
  and c.reason in ('NoAvailablePorts', 'WishedPortTaken')`;

/** for `sites s` */
const POOL = `case s.environment when 'staging' then 'staging' else 'customer' end`;

/** for `hosts h`: both halves of it are alive */
const READY = `h.state = 'ready' and h.lease_until > now() and h.connector_lease_until > now()`;

/**
 * $1 site, $2 pool, $3 wished port or null. The host with the fewest placements takes the site; its lowest free port is taken
 * by skipping rows that others are taking at this moment (measured fastest of five ways: 900 at once in 339 ms). A site that has a
 * placement gets none here. What grows with a host's sites is only counted where there are hosts to choose from. The site's row is
 * locked and written, as by all who add conditions (protocol-sql.ts, `record`).
 */
const take: Statement = {
  name: 'placements-take',
  text: `with site as (
    select id from sites where id = $1 and wanted <> 'deleted'
      and not exists (select from placements p where p.site_id = $1 and p.wanted = 'serving' and p.gone_at is null)
    for no key update
  ), host as (
    select h.id from site, hosts h
    where ${READY} and exists (
      select from port_allocations a where a.pool = $2 and a.host_id = h.id and ${OPEN_ROW} and ($3::int is null or a.port = $3))
    order by case when (select count(*) from hosts h where ${READY}) > 1
      then (select count(*) from placements p where p.host_id = h.id and p.gone_at is null) end, h.id limit 1
  ), port as (
    select lowest.* from host cross join lateral (
      select a.host_id, a.port, a.slot from port_allocations a
      where a.pool = $2 and a.host_id = host.id and ${OPEN_ROW} and ($3::int is null or a.port = $3)
      order by a.pool, a.host_id, a.port limit 1 for update of a skip locked
    ) lowest
  ), placed as (
    insert into placements (site_id, host_id, port, slot)
    select site.id, port.host_id, port.port, port.slot from port, site on conflict do nothing
    returning id, host_id, port, slot
  ), touched as (
    update sites s set updated_at = now() from placed where s.id = $1
  ), taken as (
    update port_allocations a set placement_id = placed.id, rest_until = null, occupied_until = null
    from placed where a.host_id = placed.host_id and a.port = placed.port
  ), made as (
    insert into site_conditions (site_id, placement_id, aspect, queue)
    select $1, placed.id, w.aspect, w.queue || '-' || placed.host_id
    from placed, unnest($4::text[], $5::text[]) as w (aspect, queue)
    returning id, queue
  )
  select placed.id as placement_id, placed.host_id, placed.port, placed.slot,
    (select json_agg(json_build_object('conditionId', made.id, 'queue', made.queue)) from made) as hints
  from placed`,
};

const current: Statement = {
  name: 'placements-current',
  text: `select id as placement_id, host_id, port, slot, '[]'::json as hints
  from placements where site_id = $1 and wanted = 'serving' and gone_at is null`,
};

/** A port that is freed, or has rested, calls the one that waits longest, and a few more in case that one has gone. */
const CALLED = 3;

const whyNot: Statement = {
  name: 'placements-why-not',
  text: `select
    exists (select from hosts h where ${READY}) as host_ready,
    exists (select from port_allocations a join hosts h on h.id = a.host_id where ${READY} and a.pool = $1 and ${OPEN_ROW}) as port_open,
    (select extract(epoch from greatest(a.rest_until, a.occupied_until) - now())::float8 * 1000
      from port_allocations a join hosts h on h.id = a.host_id
      where ${READY} and a.pool = $1 and a.placement_id is null and greatest(a.rest_until, a.occupied_until) > now()
      order by greatest(a.rest_until, a.occupied_until)
      offset (select count(*) / ${CALLED} from site_conditions c join sites s on s.id = c.site_id where ${WAITING} and c.site_id <> $2 and ${POOL} = $1)
      limit 1) as retry_ms`,
};

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
    where ${WAITING} and (c.due_at is null or c.due_at > freed.rest_until) and s.wanted <> 'deleted' and ${POOL} = freed.pool
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
    where a.pool = $2 and ${OPEN_ROW} and a.port <> old.port order by a.port limit 1 for update of a skip locked
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
    where c.site_id = moved.site_id and c.aspect = any('{container,connector}'::text[]) and c.placement_id = moved.id
    returning c.id, c.queue
  )
  select moved.id as placement_id, moved.host_id, moved.port, moved.slot,
    (select coalesce(json_agg(json_build_object('conditionId', woken.id, 'queue', woken.queue)), '[]'::json) from woken) as hints
  from moved`,
};

const wish: Statement = {
  name: 'placements-wish',
  text: `select s.wanted, ${POOL} as pool, s.wished_port as port from sites s where s.id = $1`,
};

const openOnes: Statement = {
  name: 'placements-open',
  text: 'select id from placements where site_id = $1 and gone_at is null',
};

/** Where a site wants to be placed. */
export interface PlacementWish {
  wanted: SiteWanted;
  pool: 'staging' | 'customer';
  port: number | null;
}

/** @throws when there is no such site */
export async function readPlacementWish(db: Database, siteId: string): Promise<PlacementWish> {
  const [row] = await db.run<PlacementWish>(wish, [siteId]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  return row;
}

/** The ids of a site's placements that aren't gone. */
export async function findOpenPlacements(db: Database, siteId: string): Promise<string[]> {
  return (await db.run<{ id: string }>(openOnes, [siteId])).map((row) => row.id);
}

/** Rows that others took at the same moment look taken; one more try tells the truth. */
const TRIES = 3;

/**
 * Gives a site its host, port and slot, and makes the conditions that hang on the placement; what it has already is returned.
 * @param pool `staging` or `customer`
 */
export async function placeSite(
  db: Database,
  siteId: string,
  pool: 'staging' | 'customer',
  wishedPort: number | null,
): Promise<Placing> {
  const queues = placementAspects.map((aspect) => queueOf(aspect, 'x').slice(0, -2));
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [row] = await db.run<PlacedRow>(take, [siteId, pool, wishedPort, placementAspects, queues]);
    if (row) return toPlaced(row);
    const [existing] = await db.run<PlacedRow>(current, [siteId]);
    if (existing) return toPlaced(existing);
  }
  const [why] = await db.run<{ host_ready: boolean; port_open: boolean; retry_ms: number | null }>(whyNot, [
    pool,
    siteId,
  ]);
  if (!why?.host_ready) return { kind: 'no-host' };
  if (wishedPort !== null) return { kind: 'port-taken' };
  const retryMs = why.port_open ? 100 : (why.retry_ms ?? undefined);
  return { kind: 'no-port', retryMs: retryMs === undefined ? undefined : Math.max(100, retryMs) };
}

/**
 * Closes a placement after its container and connector were observed absent; its port may be taken again after its rest.
 * @returns whom to hint now: those of the sites that wait for a port which have waited longest
 */
export async function freePlacement(db: Database, placementId: string, restSeconds: number): Promise<Hint[]> {
  return db.run<{ conditionId: string; queue: string }>(free, [placementId, restSeconds]);
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
  pool: 'staging' | 'customer',
): Promise<{ placement: Placed; hints: Hint[] } | undefined> {
  const [row] = await db.run<PlacedRow>(replacePort, [placementId, pool, OCCUPIED_SECONDS]);
  if (!row) return undefined;
  const placed = toPlaced(row);
  return placed.kind === 'placed' ? placed : undefined;
}

function toPlaced(row: PlacedRow): Placing {
  const placement = { placementId: row.placement_id, hostId: row.host_id, port: row.port, slot: row.slot };
  return { kind: 'placed', placement, hints: row.hints };
}
