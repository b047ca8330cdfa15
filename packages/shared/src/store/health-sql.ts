import type { Statement } from './database.ts';

const time = (column: string) => `to_timestamp(${column} / 1000)`;

/**
 * $1 rows (JSON, one for each aspect of a placement that was looked at), $2 when, in ms since 1970, $3 a sweep and not a look at single
 * placements. A row that somebody else wrote since it was read is left as it is, and whatever was to follow from it doesn't happen.
 */
export const record: Statement = {
  name: 'health-record',
  text: `with r as (
    select r.*, ${time('$2::float8')} as at, $3::boolean as swept from jsonb_to_recordset($1::jsonb) as r (placement uuid, site uuid, host text,
      aspect text, outcome text, reason text, code int, latency int, error text, failures int, failing_since float8, healthy_since float8,
      word text, connections int, run text, restarts jsonb, restarted int, step int, restart_after float8, restarted_at float8,
      container text, version bigint, interval_ms int)
    join placements p on p.id = r.placement and p.gone_at is null
  ), kept as (
    insert into site_health as h (placement_id, aspect, site_id, host_id, outcome, reason, code, latency_ms, error, failures, failing_since,
      healthy_since, word, word_at, connections, run, restarts, step, restart_after, restarted_at, checked_at, version,
      interval_ms)
    select r.placement, r.aspect, r.site, r.host, r.outcome, r.reason, r.code, r.latency, r.error, r.failures, ${time('r.failing_since')},
      ${time('r.healthy_since')}, r.word, case when r.word is not null then r.at end, r.connections, r.run, r.restarts, r.step, ${time('r.restart_after')},
      ${time('r.restarted_at')}, r.at, r.version + 1, r.interval_ms from r
    on conflict (placement_id, aspect) do update set host_id = excluded.host_id, outcome = excluded.outcome, reason = excluded.reason,
      code = excluded.code, latency_ms = excluded.latency_ms, error = excluded.error, failures = excluded.failures,
      failing_since = excluded.failing_since, healthy_since = excluded.healthy_since, word = coalesce(excluded.word, h.word), word_at = coalesce(excluded.word_at, h.word_at),
      connections = excluded.connections, run = excluded.run, restarts = excluded.restarts, step = excluded.step,
      restart_after = excluded.restart_after, restarted_at = excluded.restarted_at, checked_at = case when $3 then excluded.checked_at else h.checked_at end,
      version = excluded.version, interval_ms = excluded.interval_ms
      where h.version = excluded.version - 1
    returning h.placement_id, h.aspect
  ), seen as (
    select r.* from r join kept on kept.placement_id = r.placement and kept.aspect = r.aspect
  ), beats as (
    insert into health_checks (placement_id, at, outcome, code, latency_ms, error, tunnel, connections, edge, edge_code, edge_latency_ms)
    select placement, at, max(outcome) filter (where aspect = 'container'), max(code) filter (where aspect = 'container'),
      max(latency) filter (where aspect = 'container'),
      coalesce(max(error) filter (where aspect = 'container'), max(error) filter (where aspect <> 'container')),
      max(outcome) filter (where aspect = 'tunnel'), max(connections), max(outcome) filter (where aspect = 'edge'),
      max(code) filter (where aspect = 'edge'), max(latency) filter (where aspect = 'edge')
    from seen where swept group by placement, at
    on conflict (placement_id, at) do nothing
  ), hours as (
    insert into health_hourly as o (site_id, hour, checks, failed, latency_ms_sum, latency_ms_max, restarts)
    select site, date_trunc('hour', at), count(*) filter (where swept and aspect = 'container'),
      count(*) filter (where swept and aspect = 'container' and outcome <> 'healthy'),
      coalesce(sum(latency) filter (where swept and aspect = 'container' and outcome = 'healthy'), 0),
      coalesce(max(latency) filter (where swept and aspect = 'container' and outcome = 'healthy'), 0), sum(restarted)
    from seen where aspect <> 'edge' group by site, at
    on conflict (site_id, hour) do update set checks = o.checks + excluded.checks, failed = o.failed + excluded.failed,
      latency_ms_sum = o.latency_ms_sum + excluded.latency_ms_sum,
      latency_ms_max = greatest(o.latency_ms_max, excluded.latency_ms_max), restarts = o.restarts + excluded.restarts
  ), containers as (
    update customer_containers c set last_health_check = case when swept then at else c.last_health_check end, health_status = outcome,
      status = coalesce(word, c.status)
    from seen where aspect = 'container' and c.placement_id = placement and c.container_id = container and c.status <> 'removed'
  ), tunnels as (
    update customer_tunnels t set last_health_check = at, health_status = outcome, unit_status = coalesce(word, t.unit_status), connections = seen.connections,
      status = case when outcome = 'healthy' then 'active' when t.status = 'active' then 'inactive' else t.status end
    from seen where aspect = 'tunnel' and t.placement_id = placement and t.status <> 'deleted'
  )
  select placement_id as "placementId", aspect from kept`,
};

/**
 * What follows from what was recorded. $1 restarts ({ site, target, cause }), $2 wake-ups ({ site, placement or null, aspect }), $3 events
 * ({ site, type, aspect, status, reason, message, data }), all JSON. Sites are locked first, in the order of their ids.
 */
export const act: Statement = {
  name: 'health-act',
  text: `with restart as (
    select * from jsonb_to_recordset($1::jsonb) as r (site uuid, target text)
  ), wake as (
    select * from jsonb_to_recordset($2::jsonb) as w (site uuid, placement uuid, aspect text)
  ), event as (
    select *, row_number() over (partition by site) as place, count(*) over (partition by site) as many
    from jsonb_to_recordset($3::jsonb) as e (site uuid, type text, aspect text, status text, reason text, message text, data jsonb)
  ), locked as (
    select id from sites where id in (select site from restart union select site from wake union select site from event)
      and wanted = 'running' order by id for no key update
  ), counted as (
    update sites s set container_restart = s.container_restart + (select count(*) from restart r where r.site = s.id and r.target = 'container')::int,
      tunnel_restart = s.tunnel_restart + (select count(*) from restart r where r.site = s.id and r.target = 'tunnel')::int,
      event_seq = s.event_seq + (select count(*) from event e where e.site = s.id), updated_at = now()
    from locked where s.id = locked.id and (s.id in (select site from restart) or s.id in (select site from event))
    returning s.id, s.event_seq, s.container_restart, s.tunnel_restart
  ), asked as (
    insert into operations (site_id, kind, target, number, requested_by)
    select counted.id, 'restart', r.target, case r.target when 'tunnel' then counted.tunnel_restart else counted.container_restart end, 'health'
    from counted join restart r on r.site = counted.id
  ), told as (
    insert into site_events (site_id, seq, type, aspect, status, reason, message, data)
    select counted.id, counted.event_seq - event.many + event.place, event.type, event.aspect, event.status, event.reason, event.message,
      coalesce(event.data, '{}') from counted join event on event.site = counted.id
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now()
  from locked join wake on wake.site = locked.id
  where c.site_id = locked.id and c.aspect = wake.aspect and (wake.placement is null or c.placement_id = wake.placement)
    and c.gone_at is null
  returning c.id as "conditionId", c.queue`,
};

/** What was wrong with something that isn't wanted any more is over. */
export const closeUnwanted: Statement = {
  name: 'health-close-unwanted',
  text: `update incidents i set closed_at = now() from sites s
  where i.closed_at is null and s.id = i.site_id and i.aspect in ('container', 'tunnel', 'edge')
    and (s.wanted <> 'running' or (i.aspect = 'container' and not s.wants_container)
      or (i.aspect <> 'container' and not s.wants_tunnel))`,
};
