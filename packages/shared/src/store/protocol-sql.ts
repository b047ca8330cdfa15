import type { Statement } from './database.ts';

const CLAIMED = `c.id, c.site_id, c.placement_id, c.aspect, c.queue, c.status, c.reason, c.message, c.observed_generation,
  c.tries, c.wakes, c.lease_no, c.reached_at is not null as reached, c.cause_id`;

const isFree = (now: string) => `due_at <= ${now} and (lease_until is null or lease_until <= ${now})`;

const LEASE = `lease_owner = $2, lease_until = now() + $3::float8 * interval '1 ms', lease_no = c.lease_no + 1`;

/** $1 condition, $2 owner, $3 lease in ms. The time is the clock's: one that waited for a wake-up to commit finds the row due. */
export const claim: Statement = {
  name: 'protocol-claim',
  text: `update site_conditions c set ${LEASE} where c.id = $1 and ${isFree('clock_timestamp()')} returning ${CLAIMED}`,
};

/** $1 queue, $2 owner, $3 lease in ms, $4 how many at most */
export const claimDue: Statement = {
  name: 'protocol-claim-due',
  text: `with due as (
    select id from site_conditions where queue = $1 and ${isFree('now()')} order by due_at limit $4 for update skip locked
  )
  update site_conditions c set ${LEASE} from due where c.id = due.id returning ${CLAIMED}`,
};

/**
 * $1 site. A statement of its own, after the claim: within the claim it would see the world as it was before a concurrent
 * wake-up that the claimed row already counts, and that wake-up would be lost.
 */
export const context: Statement = {
  name: 'protocol-context',
  text: `select s.key, o.external_id as order_id, s.wanted, s.generation,
    json_build_object('container', s.wants_container, 'tunnel', s.wants_tunnel) as parts,
    (select coalesce(json_agg(json_build_object('aspect', c.aspect, 'placementId', c.placement_id, 'placementWanted', p.wanted,
        'reached', c.reached_at is not null, 'gone', c.gone_at is not null)), '[]'::json)
      from site_conditions c left join placements p on p.id = c.placement_id where c.site_id = s.id) as conditions
  from sites s join orders o on o.id = s.order_id where s.id = $1`,
};

/** $1 condition, $2 owner, $3 fencing number, $4 lease in ms */
export const renew: Statement = {
  name: 'protocol-renew',
  text: `update site_conditions set lease_until = now() + $4::float8 * interval '1 ms'
  where id = $1 and lease_owner = $2 and lease_no = $3 returning id`,
};

/** $1 condition, $2 owner, $3 fencing number */
export const release: Statement = {
  name: 'protocol-release',
  text: `update site_conditions set lease_owner = null, lease_until = null, due_at = now()
  where id = $1 and lease_owner = $2 and lease_no = $3`,
};

/** $1 site, $2 aspects, $3 cause */
export const wake: Statement = {
  name: 'protocol-wake',
  text: `with site as (
    select id from sites where id = $1 for no key update
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now(), cause_id = coalesce($3, c.cause_id)
  from site where c.site_id = site.id and c.aspect = any($2::text[]) and c.gone_at is null returning c.id, c.queue`,
};

/** $1 condition. What is gone is woken too, as long as its site isn't: something of it may have come late. */
export const wakeOne: Statement = {
  name: 'protocol-wake-one',
  text: `update site_conditions c set wakes = c.wakes + 1, due_at = now()
  from sites s where c.id = $1 and s.id = c.site_id and s.gone_at is null`,
};

/** $1 queue, $2 horizon in ms. Reads one row, however many are due; those that somebody holds are found when their lease is over. */
export const nextDue: Statement = {
  name: 'protocol-next-due',
  text: `select extract(epoch from due_at - now())::float8 * 1000 as ms from site_conditions
  where queue = $1 and due_at <= now() + $2::float8 * interval '1 ms' and (lease_until is null or lease_until <= now())
  order by due_at limit 1`,
};

/** What waits for the same thing for long is looked at less often: after a tenth of the time it has waited, at most 30 s. */
const SLOWER = `case when c.status = $5 and c.reason = $6 and $5 <> 'true'
  then least(extract(epoch from now() - c.changed_at)::float8 * 100, 30000) else 0 end`;

/**
 * $1 condition, $2 site, $3 fencing number, $4 owner, $5 status, $6 reason, $7 message, $8 generation, $9 tries, $10 wakes seen,
 * $11 next look in ms or null, $12 gone, $13 who waits for this aspect.
 * The site's row is locked first, by every statement that writes more than one row of a site: no two of them can deadlock,
 * and the events of a site are numbered without gaps. Whoever adds a condition writes the site's row too: where that happened between
 * the statement's view of the world and the lock, the answer is `stale` and nothing was written, since the new one wouldn't be woken.
 * A site is gone with the last of its conditions.
 */
export const record: Statement = {
  name: 'protocol-record',
  text: `with seen as (
    select ctid as version from sites where id = $2
  ), site as (
    select id, wanted, wants_tunnel, live_at, zone_active_at, ctid as version from sites where id = $2 for no key update
  ), old as (
    select c.id, c.status, c.reason, c.gone_at, site.live_at, site.zone_active_at, site.wants_tunnel,
      $12 and c.gone_at is null and site.wanted = 'deleted' and not exists (
        select from site_conditions o where o.site_id = c.site_id and o.id <> c.id and o.gone_at is null) as leaves
    from site_conditions c join site on site.id = c.site_id join seen on seen.version = site.version
    where c.id = $1 and c.lease_no = $3 and c.lease_owner = $4 for update of c
  ), rec as (
    update site_conditions c set
      status = $5, reason = $6, message = $7, observed_generation = $8, tries = $9,
      due_at = case when old.leaves then null
                    when c.wakes <> $10 then now()
                    when $11::float8 is null then null
                    else now() + greatest($11::float8, ${SLOWER}) * interval '1 ms' end,
      reached_at = case when $5 = 'true' then coalesce(c.reached_at, now()) else c.reached_at end,
      gone_at = case when $12 then coalesce(c.gone_at, now()) else c.gone_at end,
      changed_at = case when c.status <> $5 or c.reason <> $6 then now() else c.changed_at end,
      observed_at = now(), lease_owner = null, lease_until = null
    from old where c.id = old.id
    returning c.id, c.site_id, c.aspect, c.status, c.reason, c.message, c.cause_id, coalesce(c.due_at <= now(), false) as due,
      (old.status <> c.status or old.reason <> c.reason) as changed,
      ($12 and old.gone_at is null) or (c.status = 'true' and old.status <> 'true') as wakes_others,
      c.aspect = 'zone' and c.status = 'true' and old.zone_active_at is null as activates,
      c.aspect = case when old.wants_tunnel then 'reachable' else 'container' end and c.status = 'true' and old.live_at is null
        as goes_live,
      c.aspect = 'zone' and $12 and old.gone_at is null as frees_names,
      $12 and old.gone_at is null as closes, old.leaves
  ), woken as (
    update site_conditions d set wakes = d.wakes + 1, due_at = now(), cause_id = coalesce(rec.cause_id, d.cause_id)
    from rec where rec.wakes_others and d.site_id = rec.site_id and d.id <> rec.id and d.aspect = any($13::text[])
      and d.gone_at is null
    returning d.id, d.queue
  ), numbered as (
    update sites s set
      event_seq = s.event_seq + rec.changed::int + rec.goes_live::int + rec.leaves::int,
      zone_active_at = case when rec.activates then now() else s.zone_active_at end,
      live_at = case when rec.goes_live then now() else s.live_at end,
      gone_at = case when rec.leaves then now() else s.gone_at end,
      updated_at = now()
    from rec where s.id = rec.site_id and (rec.changed or rec.goes_live or rec.closes)
    returning s.id, s.event_seq - rec.changed::int - rec.goes_live::int - rec.leaves::int as before
  ), told as (
    insert into site_events (site_id, seq, type, aspect, status, reason, message, cause_id)
    select numbered.id, numbered.before + row_number() over (order by e.place), e.type, rec.aspect, rec.status, rec.reason,
      rec.message, rec.cause_id
    from numbered, rec, lateral (values (1, 'condition.changed', rec.changed), (2, 'order.live', rec.goes_live),
      (3, 'site.gone', rec.leaves)) as e (place, type, happened)
    where e.happened
  ), quiet as (
    update site_conditions c set due_at = null from rec
    where rec.leaves and c.site_id = rec.site_id and c.id <> rec.id and c.due_at is not null
  ), freed as (
    update site_hostnames h set gone_at = now() from rec where rec.frees_names and h.site_id = rec.site_id and h.gone_at is null
  )
  select seen.version <> site.version as stale, rec.changed, rec.due,
    (select coalesce(json_agg(json_build_object('conditionId', woken.id, 'queue', woken.queue)), '[]'::json) from woken) as woken,
    (select json_build_object('order', extract(epoch from now() - s.created_at), 'active', extract(epoch from now() - s.zone_active_at))
      from sites s where rec.goes_live and s.id = $2) as went_live
  from seen cross join site left join rec on true`,
};
