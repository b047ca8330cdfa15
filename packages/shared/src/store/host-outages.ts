import { OUTAGES } from './customer-mail.ts';
import type { Database, Statement } from './database.ts';

/** Of all processes one decides at a time; held for one transaction. */
const lock: Statement = { name: 'host-outages-lock', text: 'select pg_try_advisory_xact_lock(726015) as got' };

/**
 * For `placements p` and an open incident `i` of its host: whether the site is down by that. It was seen to fail; or, where nobody
 * on the host says anything any more, it wasn't seen to be well within the time of three checks.
 */
const FAILS = `exists (select from site_health h where h.placement_id = p.id and h.outcome <> 'healthy')`;
const FALLS = `case i.kind when 'host-unwatched' then false
  when 'host-down' then not exists (select from site_health h where h.placement_id = p.id and h.outcome = 'healthy'
    and h.checked_at > now() - 3 * h.interval_ms * interval '1 ms')
  else ${FAILS} end`;

/** For `sites s`; $1 kinds: an incident of its own says that it's down. */
const OWN = `exists (select from incidents o where o.site_id = s.id and o.closed_at is null and o.kind = any($1::text[]))`;

/** $1 kinds of sites' own outages, $2 ms that an incident of a host must have lasted */
const begins: Statement = {
  name: 'host-outages-begins',
  text: `select distinct on (s.id) s.id as "siteId", i.id as "incidentId"
  from incidents i join placements p on p.host_id = i.host_id and p.wanted = 'serving' and p.gone_at is null join sites s on s.id = p.site_id
  where i.closed_at is null and i.site_id is null and i.recorded_at <= now() - $2::float8 * interval '1 ms' and ${FALLS}
    and s.live_at is not null and s.wanted = 'running' and not ${OWN}
    and not exists (select from host_outages t where t.site_id = s.id)
  order by s.id, i.opened_at, i.id`,
};

/** $1 kinds. `told`: that it is well again; otherwise the site is to go, or an incident of its own says the rest. */
const ends: Statement = {
  name: 'host-outages-ends',
  text: `select s.id as "siteId", i.id as "incidentId", s.wanted = 'running' and not ${OWN} as told
  from host_outages t join sites s on s.id = t.site_id join incidents i on i.id = t.incident_id
  where s.wanted <> 'running' or ${OWN} or (i.closed_at is not null
    and not exists (select from placements p where p.site_id = s.id and p.wanted = 'serving' and p.gone_at is null and ${FAILS}))`,
};

/** Sites that are known to be down because of the host that they are on, whatever their own conditions last said; not those that left it. */
export const HOST_OUT_SITES = `select o.site_id from host_outages o join incidents oi on oi.id = o.incident_id
  join placements op on op.site_id = o.site_id and op.host_id = oi.host_id and op.wanted = 'serving' and op.gone_at is null`;

/** For `sites s`: it's one of these. */
export const IS_HOST_OUT = `exists (${HOST_OUT_SITES} where o.site_id = s.id)`;

const lockSites: Statement = {
  name: 'host-outages-lock-sites',
  text: 'select id from sites where id = any($1::uuid[]) order by id for no key update',
};

/** $1 sites, $2 incidents of each, $3 type, $4 status */
const tell: Statement = {
  name: 'host-outages-tell',
  text: `with told as (
    select t.site_id, i.reason, i.message, i.kind, i.host_id from unnest($1::uuid[], $2::uuid[]) as t (site_id, incident_id) join incidents i on i.id = t.incident_id
  ), counted as (
    update sites s set event_seq = s.event_seq + 1 from told where s.id = told.site_id returning s.id, s.event_seq
  )
  insert into site_events (site_id, seq, type, aspect, status, reason, message, data)
  select c.id, c.event_seq, $3::text, 'host', $4::text, told.reason, case $3::text when 'site.down' then told.message else '' end,
    jsonb_build_object('kind', told.kind, 'host', told.host_id)
  from counted c join told on told.site_id = c.id`,
};

const note: Statement = {
  name: 'host-outages-note',
  text: 'insert into host_outages (site_id, incident_id) select * from unnest($1::uuid[], $2::uuid[])',
};
const forget: Statement = {
  name: 'host-outages-forget',
  text: 'delete from host_outages where site_id = any($1::uuid[])',
};

interface Fallen {
  siteId: string;
  incidentId: string;
}

/**
 * Writes on the timelines of sites that they are down because of their host, which has an incident in place of theirs, and that they
 * aren't any more: once each, together with the note that it was said.
 * @returns how many were told; undefined when another process is at it
 */
export async function tellHostOutages(db: Database, afterMs: number): Promise<number | undefined> {
  return db.transaction(async (client) => {
    const ask = async <Row extends object>(statement: Statement, values: unknown[]) =>
      (await client.query<Row>({ ...statement, values })).rows;
    const say = async (those: readonly Fallen[], type: 'site.down' | 'site.recovered') => {
      const ids = those.map(({ siteId }) => siteId);
      if (ids.length > 0)
        await ask(tell, [ids, those.map(({ incidentId }) => incidentId), type, String(type !== 'site.down')]);
    };
    const [got] = await ask<{ got: boolean }>(lock, []);
    if (!got?.got) return undefined;
    const over = await ask<Fallen & { told: boolean }>(ends, [OUTAGES]);
    const fallen = await ask<Fallen>(begins, [OUTAGES, afterMs]);
    if (over.length + fallen.length === 0) return 0;
    await ask(lockSites, [[...over, ...fallen].map(({ siteId }) => siteId)]);
    const recovered = over.filter(({ told }) => told);
    await say(recovered, 'site.recovered');
    await ask(forget, [over.map(({ siteId }) => siteId)]);
    await say(fallen, 'site.down');
    await ask(note, [fallen.map(({ siteId }) => siteId), fallen.map(({ incidentId }) => incidentId)]);
    return recovered.length + fallen.length;
  });
}
