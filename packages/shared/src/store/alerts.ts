import type { PoolClient } from 'pg';
import type { AlertStep, AlertView, Saying } from './alert-view.ts';
import type { Database, Statement } from './database.ts';
import { insertDeliveries, type NewDelivery } from './deliveries.ts';
import { iso } from './iso-time.ts';

/** All that there is to say of an alert, as it stands. */
export interface AlertFacts {
  id: string;
  kind: string;
  saying: Saying;
  /** which reminder it is */
  reminders: number;
  at: string;
  /** when the first of its incidents began, and the last one ended if all have */
  since: string;
  until: string | null;
  /** how long that took, or has taken so far */
  lastedMs: number;
  total: number;
  open: number;
  /** why nobody was told before: the maintenance that is over */
  maintenance: string | null;
  /** some of its incidents, open ones first */
  members: AlertFact[];
}

export interface AlertFact {
  kind: string;
  host: string | null;
  /** the site's key */
  site: string | null;
  domain: string | null;
  aspect: string | null;
  reason: string;
  message: string;
  since: string;
  until: string | null;
  /** how often Berth restarted it */
  restarts: number;
}

const SHOWN = 20;

/** Of all processes one decides at a time; held for one transaction. */
const lock: Statement = { name: 'alerts-lock', text: 'select pg_try_advisory_xact_lock(726012) as got' };

const anything: Statement = {
  name: 'alerts-anything',
  text: `select exists (select from incidents where alerted_at is null) or exists (select from alerts where closed_at is null) as found`,
};

const ms = (column: string) => `extract(epoch from ${column})::float8 * 1000`;

/** $1 how far back openings of the same thing are counted, in ms */
const view: Statement = {
  name: 'alerts-view',
  text: `select ${ms('now()')} as "nowMs",
    (select coalesce(json_agg(json_build_object('id', i.id, 'kind', i.kind, 'hostId', i.host_id, 'siteId', i.site_id, 'aspect', i.aspect,
        'reason', i.reason, 'recordedAtMs', ${ms('i.recorded_at')}, 'closedAtMs', ${ms('i.closed_at')},
        'recentOpenings', (select count(*) from incidents r where r.opened_at > now() - $1::float8 * interval '1 ms'
          and case when i.site_id is null then r.site_id is null and r.host_id = i.host_id and r.kind = i.kind
            else r.site_id = i.site_id and r.aspect is not distinct from i.aspect end)) order by i.recorded_at, i.id), '[]')
      from incidents i where i.alerted_at is null) as unsaid,
    (select coalesce(json_agg(json_build_object('id', a.id, 'kind', a.kind, 'groupKey', a.group_key, 'saidAtMs', ${ms('a.said_at')},
        'reminders', a.reminders, 'worse', a.worse, 'members', (
          select coalesce(json_agg(json_build_object('kind', i.kind, 'hostId', i.host_id, 'siteId', i.site_id,
            'closedAtMs', ${ms('i.closed_at')})), '[]') from incidents i where i.alert_id = a.id)) order by a.said_at, a.id), '[]')
      from alerts a where a.closed_at is null) as alerts,
    (select coalesce(json_agg(json_build_object('id', w.id, 'scope', w.scope, 'hostId', w.host_id, 'siteId', w.site_id,
        'startsAtMs', ${ms('w.starts_at')}, 'endsAtMs', ${ms('w.ends_at')})), '[]')
      from maintenance_windows w where w.ends_at > now() - interval '1 day') as windows`,
};

/** $1 kind, $2 group, $3 incidents, $4 it began and ended before anything was said */
const open: Statement = {
  name: 'alerts-open',
  text: `with alert as (
    insert into alerts (kind, group_key, closed_at, worse)
    values ($1, $2, case when $4 then now() end, exists (select from incidents where id = any($3::uuid[]) and kind = 'crash-looping'))
    returning id
  ), joined as (
    update incidents i set alert_id = alert.id, alerted_at = now() from alert where i.id = any($3::uuid[])
  )
  select id from alert`,
};

/** $1 alert or null, $2 incidents */
const join: Statement = {
  name: 'alerts-join',
  text: 'update incidents set alert_id = $1, alerted_at = now() where id = any($2::uuid[])',
};

/** $1 alert, $2 what is said, $3 reminders */
const say: Statement = {
  name: 'alerts-say',
  text: `update alerts set reminders = coalesce($3, reminders), worse = worse or $2 = 'worse',
    closed_at = case when $2 = 'closed' then now() end where id = $1`,
};

/** $1 alert */
const facts: Statement = {
  name: 'alerts-facts',
  text: `select a.id, a.kind, a.reminders, ${iso('now()')} as at, ${iso('min(i.opened_at)')} as since,
    case when bool_and(i.closed_at is not null) then ${iso('max(i.closed_at)')} end as until,
    ${ms('case when bool_and(i.closed_at is not null) then max(i.closed_at) else now() end - min(i.opened_at)')} as "lastedMs",
    count(*)::int as total, (count(*) filter (where i.closed_at is null))::int as open,
    (select w.reason from maintenance_windows w where a.group_key = 'window:' || w.id) as maintenance,
    (select coalesce(json_agg(m), '[]') from (
      select i.kind, i.host_id as host, s.key as site, i.aspect, i.reason, i.message,
        case when s.wants_tunnel then s.domain_unicode else s.key end as domain,
        ${iso('i.opened_at')} as since, ${iso('i.closed_at')} as until,
        case when jsonb_typeof(i.data -> 'restarts') = 'number' then (i.data ->> 'restarts')::int else 0 end as restarts
      from incidents i left join sites s on s.id = i.site_id where i.alert_id = a.id
      order by i.closed_at is not null, i.site_id is not null, i.opened_at, i.id limit ${SHOWN}) m) as members
  from alerts a join incidents i on i.alert_id = a.id where a.id = $1 group by a.id`,
};

/**
 * Decides what operators are told of incidents, and makes the deliveries: in one transaction, by one process at a time, so that each
 * thing is said once, whoever dies when.
 * @param flapsWithinMs how far back openings of the same thing are counted
 * @param plan what is to be said now
 * @param tell who is told, and in which words
 * @returns how many steps were taken; undefined when another process is at it
 */
export async function tellIncidents(
  db: Database,
  flapsWithinMs: number,
  plan: (view: AlertView) => readonly AlertStep[],
  tell: (facts: AlertFacts) => readonly NewDelivery[],
): Promise<number | undefined> {
  const [some] = await db.run<{ found: boolean }>(anything, []);
  if (!some?.found) return 0;
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ got: boolean }>(lock);
    if (!rows[0]?.got) return undefined;
    const seen = await client.query<AlertView>({ ...view, values: [flapsWithinMs] });
    const steps = seen.rows[0] ? plan(seen.rows[0]) : [];
    for (const step of steps) await take(client, step, tell);
    return steps.length;
  });
}

async function take(
  client: PoolClient,
  step: AlertStep,
  tell: (facts: AlertFacts) => readonly NewDelivery[],
): Promise<void> {
  if (step.kind === 'join' || step.kind === 'silence') {
    await client.query({ ...join, values: [step.kind === 'join' ? step.alertId : null, step.incidentIds] });
    return;
  }
  const id = step.kind === 'open' ? await openAlert(client, step) : step.alertId;
  if (step.kind === 'say') {
    await client.query({ ...say, values: [id, step.say, step.say === 'reminder' ? step.reminders : null] });
  }
  const { rows } = await client.query<Omit<AlertFacts, 'saying'>>({ ...facts, values: [id] });
  if (rows[0]) await insertDeliveries(client, tell({ ...rows[0], saying: step.say }));
}

async function openAlert(client: PoolClient, step: Extract<AlertStep, { kind: 'open' }>): Promise<string> {
  const values = [step.alertKind, step.groupKey, step.incidentIds, step.say === 'over'];
  const { rows } = await client.query<{ id: string }>({ ...open, values });
  return rows[0]?.id ?? '';
}
