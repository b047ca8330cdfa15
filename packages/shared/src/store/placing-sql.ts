import { CONNECTOR_MEMORY } from '../domain/capacity.ts';
import type { Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** for `hosts h`: it takes sites, both halves of it are alive, and nothing is in the way */
export const READY = `h.state = 'ready' and h.lease_until > now() and h.connector_lease_until > now()
  and h.problem is null`;

/** A host is taken for dead this long after its last sign of life. */
export const HOST_LEASE_SECONDS = 30;

const half = (lease: string) => `json_build_object('until', ${iso(lease)},
  'seenAt', ${iso(`(${lease} - ${HOST_LEASE_SECONDS} * interval '1 s')`)}, 'alive', coalesce(${lease} > now(), false))`;

/** for `hosts h`: how its halves stand, and who looks after both, in columns `containers`, `connectors` and `health` */
export const HOST_HALVES = `${half('h.lease_until')} as containers, ${half('h.connector_lease_until')} as connectors,
  ${half('h.health_lease_until')} as health`;

/** for `port_allocations a`: nobody has it, and it has rested */
export const OPEN_PORT = `a.placement_id is null and (a.rest_until is null or a.rest_until <= now())
  and (a.occupied_until is null or a.occupied_until <= now())`;

/** for `sites s` */
export const POOL = `case s.environment when 'staging' then 'staging' else 'customer' end`;

/** for `sites s`: the memory that is set aside for it, of the parts that it wants */
export const BYTES = `(case when s.wants_container then s.memory_bytes else 0 end
  + case when s.wants_tunnel then ${CONNECTOR_MEMORY} else 0 end)`;

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

/** for `hosts h`: it fell silent, so many seconds (a placeholder) ago; what has never reported isn't meant */
export const lost = (seconds: string) =>
  `coalesce(least(h.lease_until, h.connector_lease_until) <= now() - ${seconds}::float8 * interval '1 s', false)`;

/** $1 sites, $2 seconds after which a host that fell silent has lost them, or null for never */
export const read: Statement = {
  name: 'placing-read',
  text: `select
    (select coalesce(json_agg(json_build_object('siteId', s.id, 'wanted', s.wanted, 'pool', ${POOL}, 'port', s.wished_port,
        'bytes', ${BYTES}, 'live', s.live_at is not null,
        'lost', exists (select from placements p join hosts h on h.id = p.host_id
          where p.site_id = s.id and p.wanted = 'serving' and p.gone_at is null and ${lost('$2')}),
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
 * $1 sites, $2 secrets: their placement goes, wherever it is. What still runs there must not serve beside the next one, so the tunnel
 * gets another secret (ADR 0006). Whoever works on what the former host has served is deprived of the lease: what it found must not count.
 */
export const leave: Statement = {
  name: 'placing-leave',
  text: `with asked as (
    select * from unnest($1::uuid[], $2::text[]) as a (site_id, secret)
  ), gone as (
    update placements p set wanted = 'gone' from asked
    where p.site_id = asked.site_id and p.wanted = 'serving' and p.gone_at is null
    returning p.id, p.site_id, p.host_id, asked.secret
  ), told as (
    update sites s set event_seq = s.event_seq + 1, updated_at = now(),
      former_secret_enc = coalesce(s.former_secret_enc, s.tunnel_secret_enc),
      tunnel_secret_enc = case when s.tunnel_secret_enc is not null then gone.secret end
    from gone where s.id = gone.site_id returning s.id, s.event_seq, gone.host_id
  ), event as (
    insert into site_events (site_id, seq, type, aspect, reason, message)
    select id, event_seq, 'placement.lost', 'placement', 'HostDown', 'host ' || host_id || ' gives no sign of life; the site goes to another'
    from told
  ), tried as (
    update releases r set started_at = null from gone where r.site_id = gone.site_id and r.outcome = 'pending'
  ), taken as (
    update site_conditions c set wakes = c.wakes + 1, due_at = now(), lease_no = c.lease_no + 1, lease_owner = null, lease_until = null
    from gone where c.site_id = gone.site_id and c.gone_at is null
      and (c.placement_id = gone.id or c.aspect = any('{tunnel,route,reachable}'::text[]))
    returning c.id, c.queue
  )
  select id as "conditionId", queue from taken`,
};

/**
 * Parallel arrays: $1 sites, $2 hosts, $3 pools, $4 wished ports or null; $5 and $6 the aspects and queues of a placement. Each site
 * gets its port, the others the lowest ones of their host; restarts that were wanted before are fulfilled by what starts anew. A row that somebody else is about to change is passed over. The sites' rows
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
    insert into placements (site_id, host_id, port, slot, container_restart_done, tunnel_restart_done)
    select g.site_id, g.host_id, g.port, g.slot, s.container_restart, s.tunnel_restart from given g join sites s on s.id = g.site_id
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
