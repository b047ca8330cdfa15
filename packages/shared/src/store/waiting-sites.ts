import type { PoolClient } from 'pg';
import type { Hint } from '../contracts/jobs.ts';
import type { Database, Statement } from './database.ts';
import { BYTES, FREE_MEMORY, OPEN_PORT, POOL, READY } from './placing-sql.ts';

/** for `site_conditions c`: it waits for a port */
export const WAITS_FOR_PORT = `c.aspect = 'placement' and c.gone_at is null and c.status <> 'true'
  and c.reason in ('NoAvailablePorts', 'WishedPortTaken')`;

/** for `site_conditions c`: it waits for whatever a host gives */
const WAITS = `c.aspect = 'placement' and c.gone_at is null and c.status <> 'true'
  and c.reason in ('NoAvailablePorts', 'WishedPortTaken', 'NoMemory', 'NoHostReady', 'HostDown')`;

/** A port that is freed, or has rested, calls the one that waits longest, and a few more in case that one has gone. */
export const CALLED = 3;

const anybody: Statement = {
  name: 'waiting-anybody',
  text: `select exists (select from site_conditions c where ${WAITS}) as waits`,
};

/** One at a time calls: who comes next sees whom the one before has called. */
const lock: Statement = { name: 'waiting-lock', text: 'select pg_advisory_xact_lock(726006)' };

/**
 * Calls those who wait longest, as many as could be placed at this moment on all hosts together, so that room is neither left unused nor
 * fought over by everybody. Those who were called before and haven't looked yet count first; the moment that says so is the statement's own:
 * `now()` is when the transaction began, and who was called while it waited for the lock would be called again.
 */
const call: Statement = {
  name: 'waiting-call',
  text: `with host as (
    select h.id, ${FREE_MEMORY} as bytes from hosts h where ${READY}
  ), room as (
    select sum(greatest(bytes, 0)) as bytes, max(bytes) as most,
      (select count(*) from port_allocations a join host on host.id = a.host_id where a.pool = 'customer' and ${OPEN_PORT}) as customer,
      (select count(*) from port_allocations a join host on host.id = a.host_id where a.pool = 'staging' and ${OPEN_PORT}) as staging
    from host having count(*) > 0
  ), waiting as (
    select c.id, c.changed_at, coalesce(c.due_at <= statement_timestamp(), false) as due, ${POOL} as pool, ${BYTES} as bytes
    from room, site_conditions c join sites s on s.id = c.site_id
    where ${WAITS} and s.wanted <> 'deleted' and ${BYTES} <= room.most and (s.wished_port is null or exists (
      select from port_allocations a join host on host.id = a.host_id where a.port = s.wished_port and a.pool = ${POOL} and ${OPEN_PORT}))
  ), ordered as (
    select w.id, w.due, w.pool, sum(w.bytes) over (order by w.due desc, w.changed_at, w.id) - w.bytes as before,
      row_number() over (partition by w.pool order by w.due desc, w.changed_at, w.id) as place
    from waiting w
  ), chosen as (
    select c.id from room, ordered o join site_conditions c on c.id = o.id
    where not o.due and o.before < room.bytes and o.place <= case o.pool when 'staging' then room.staging else room.customer end
    order by c.id for update of c skip locked
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from chosen where c.id = chosen.id
  returning c.id as "conditionId", c.queue`,
};

/**
 * $1 site: when the next port has rested that isn't left to those who wait already. One that is open by now was none when the site looked
 * for a port; whoever freed it could not call a site that wasn't known to wait.
 */
const rest: Statement = {
  name: 'waiting-rest',
  text: `select (select coalesce(extract(epoch from greatest(a.rest_until, a.occupied_until) - now())::float8 * 1000, 0)
      from port_allocations a join hosts h on h.id = a.host_id
      where ${READY} and a.pool = mine.pool and a.placement_id is null
        and not exists (select from placements p where p.site_id = mine.id and p.host_id = h.id and p.gone_at is null)
      order by greatest(a.rest_until, a.occupied_until) nulls first
      offset (select count(*) / ${CALLED} from site_conditions c join sites s on s.id = c.site_id
        where ${WAITS_FOR_PORT} and c.site_id <> mine.id and ${POOL} = mine.pool)
      limit 1) as ms
  from (select s.id, ${POOL} as pool from sites s where s.id = $1) mine`,
};

/** Calls sites that wait for a host, in the transaction of whoever made room. @returns whom to hint after its commit */
export async function callWaitingWithin(client: PoolClient): Promise<Hint[]> {
  const { rows } = await client.query<{ waits: boolean }>(anybody);
  if (!rows[0]?.waits) return [];
  await client.query(lock);
  return (await client.query<Hint>(call)).rows;
}

/** Calls sites that wait for a host, as many as there is room for. @returns whom to hint */
export async function callWaiting(db: Database): Promise<Hint[]> {
  return db.transaction(callWaitingWithin);
}

/** @returns in how many milliseconds a resting port may be taken by this site; undefined when there is none for it */
export async function portRestMs(db: Database, siteId: string): Promise<number | undefined> {
  const [row] = await db.run<{ ms: number | null }>(rest, [siteId]);
  return row?.ms == null ? undefined : Math.max(100, row.ms);
}
