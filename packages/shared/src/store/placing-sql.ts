import { CONNECTOR_MEMORY } from '../domain/capacity.ts';
import type { Statement } from './database.ts';

/** for `hosts h`: it takes sites, both halves of it are alive, and nothing is in the way */
export const READY = `h.state = 'ready' and h.lease_until > now() and h.connector_lease_until > now()
  and h.problem is null`;

/** for `port_allocations a`: nobody has it, and it has rested */
export const OPEN_PORT = `a.placement_id is null and (a.rest_until is null or a.rest_until <= now())
  and (a.occupied_until is null or a.occupied_until <= now())`;

/** for `sites s` */
export const POOL = `case s.environment when 'staging' then 'staging' else 'customer' end`;

/** for `sites s`: the memory that is set aside for it */
export const BYTES = `(s.memory_bytes + ${CONNECTOR_MEMORY})`;

/** for `hosts h`: the memory that may be promised, and what of it isn't yet */
export const MEMORY = `floor(coalesce(h.memory_bytes, 0) * h.memory_overcommit)`;
export const PLACED_MEMORY = `(select coalesce(sum(${BYTES}), 0) from placements p join sites s on s.id = p.site_id
  where p.host_id = h.id and p.gone_at is null)`;
export const FREE_MEMORY = `(${MEMORY} - ${PLACED_MEMORY})`;

/**
 * $1 sites. All placing is done under the locks of the hosts that take sites, so that no two promise the same memory; the sites come
 * first, as in all that writes more than one row of a site, and what is read of either is read in the statement after this one.
 */
export const lock: Statement = {
  name: 'placing-lock',
  text: `with site as materialized (
    select id from sites where id = any($1::uuid[]) order by id for no key update
  ), host as (
    select h.id from hosts h where ${READY} and (select count(*) from site) >= 0 order by h.id for no key update of h
  )
  select count(*) from host`,
};

const openPorts = (pool: string) => `(select count(*)::int from (select from port_allocations a
  where a.pool = '${pool}' and a.host_id = h.id and ${OPEN_PORT} limit cardinality($1::uuid[])) as found)`;

/** $1 sites */
export const read: Statement = {
  name: 'placing-read',
  text: `select
    (select coalesce(json_agg(json_build_object('siteId', s.id, 'wanted', s.wanted, 'pool', ${POOL}, 'port', s.wished_port,
        'bytes', ${BYTES},
        'placement', (select json_build_object('placementId', p.id, 'hostId', p.host_id, 'port', p.port, 'slot', p.slot)
          from placements p where p.site_id = s.id and p.wanted = 'serving' and p.gone_at is null),
        'notOn', (select coalesce(json_agg(p.host_id), '[]'::json) from placements p where p.site_id = s.id and p.gone_at is null))
        order by asked.place), '[]'::json)
      from unnest($1::uuid[]) with ordinality as asked (id, place) join sites s on s.id = asked.id) as sites,
    (select coalesce(json_agg(json_build_object('id', h.id, 'freeBytes', ${FREE_MEMORY},
        'openPorts', json_build_object('customer', ${openPorts('customer')}, 'staging', ${openPorts('staging')}),
        'openWished', (select coalesce(json_agg(a.port), '[]'::json) from sites s
          join port_allocations a on a.host_id = h.id and a.port = s.wished_port and a.pool = ${POOL}
          where s.id = any($1::uuid[]) and ${OPEN_PORT}))), '[]'::json)
      from hosts h where ${READY}) as hosts`,
};

/**
 * Parallel arrays: $1 sites, $2 hosts, $3 pools, $4 wished ports or null; $5 and $6 the aspects and queues of a placement. Each site
 * gets its port, the others the lowest ones of their host; a row that somebody else is about to change is passed over. The sites' rows
 * are written, as by all who add conditions (protocol-sql.ts, `record`).
 */
export const take: Statement = {
  name: 'placing-take',
  text: `with want as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) with ordinality as w (site_id, host_id, pool, port, place)
  ), lowest as (
    select l.* from (select host_id, pool, count(*) as n from want where port is null group by host_id, pool) c
    cross join lateral (
      select a.host_id, a.pool, a.port, a.slot from port_allocations a
      where a.pool = c.pool and a.host_id = c.host_id and ${OPEN_PORT} and a.port <> all(array(
        select w.port from want w where w.host_id = c.host_id and w.port is not null))
      order by a.pool, a.host_id, a.port limit c.n for update of a skip locked
    ) l
  ), wished as (
    select w.site_id, a.host_id, a.port, a.slot from want w
    join port_allocations a on a.host_id = w.host_id and a.port = w.port and a.pool = w.pool
    where ${OPEN_PORT} for update of a skip locked
  ), given as (
    select w.site_id, l.host_id, l.port, l.slot
    from (select *, row_number() over (partition by host_id, pool order by place) as n from want where port is null) w
    join (select *, row_number() over (partition by host_id, pool order by port) as n from lowest) l using (host_id, pool, n)
    union all select site_id, host_id, port, slot from wished
  ), placed as (
    insert into placements (site_id, host_id, port, slot) select site_id, host_id, port, slot from given
    on conflict do nothing returning id, site_id, host_id, port, slot
  ), touched as (
    update sites s set updated_at = now() from placed where s.id = placed.site_id
  ), taken as (
    update port_allocations a set placement_id = placed.id, rest_until = null, occupied_until = null
    from placed where a.host_id = placed.host_id and a.port = placed.port
  ), made as (
    insert into site_conditions (site_id, placement_id, aspect, queue)
    select placed.site_id, placed.id, w.aspect, w.queue || '-' || placed.host_id
    from placed, unnest($5::text[], $6::text[]) as w (aspect, queue)
    returning id, queue, placement_id
  )
  select placed.site_id as "siteId", placed.id as "placementId", placed.host_id as "hostId", placed.port, placed.slot,
    (select json_agg(json_build_object('conditionId', made.id, 'queue', made.queue)) from made where made.placement_id = placed.id) as hints
  from placed`,
};
