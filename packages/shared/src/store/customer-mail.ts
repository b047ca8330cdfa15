import type { Database, Statement } from './database.ts';
import { insertDeliveries, type NewDelivery } from './deliveries.ts';
import { iso } from './iso-time.ts';
import { LASTS_FOR_SITE } from './maintenance-sql.ts';
import { TOLD_NAME_SERVERS } from './told-name-servers.ts';

/** A customer who is to be written to about a site. */
export interface CustomerSite {
  siteId: string;
  siteKey: string;
  domain: string;
  customerName: string;
  customerEmail: string;
  language: 'de' | 'en';
}

/** That a site is down for so long that its customer is told, or isn't any more. */
export interface CustomerOutage extends CustomerSite {
  down: boolean;
  since: string;
  lastedMs: number;
}

/** That name servers haven't been set yet. */
export interface NameServerReminder extends CustomerSite {
  nameServers: string[];
  /** the day for which it is, counted from when the zone was made */
  day: number;
}

const CUSTOMER = `s.id as "siteId", s.key as "siteKey", coalesce(s.domain_unicode, s.key) as domain, cu.name as "customerName", cu.email as "customerEmail", cu.language`;

/** Of all processes one decides at a time; held for one transaction. */
const lock: Statement = { name: 'customer-mail-lock', text: 'select pg_try_advisory_xact_lock(726013) as got' };

/** Sites that are down by an incident of their own, or of their host if they don't do either. $1 the kinds of the former */
const DOWN = `select i.site_id, min(i.opened_at) as since from incidents i
    where i.closed_at is null and i.site_id is not null and i.kind = any($1::text[]) group by i.site_id
  union all
  select p.site_id, i.opened_at from incidents i join placements p on p.host_id = i.host_id and p.wanted = 'serving' and p.gone_at is null
    where i.closed_at is null and i.site_id is null and (i.kind = 'host-down'
      or exists (select from site_health h where h.placement_id = p.id and h.outcome <> 'healthy'))`;

/** $1 kinds, $2 how long it lasts before a customer is told, in ms */
const begin: Statement = {
  name: 'customer-mail-begin',
  text: `with down as (
    select site_id, min(since) as since from (${DOWN}) d group by site_id
  ), told as (
    insert into customer_outages (site_id, since)
    select down.site_id, down.since from down join sites s on s.id = down.site_id join customers cu on cu.id = s.customer_id
    where cu.notify and s.live_at is not null and s.wanted = 'running' and down.since <= now() - $2::float8 * interval '1 ms'
      and not exists (select from maintenance_windows w where ${LASTS_FOR_SITE})
    on conflict (site_id) do nothing returning site_id, since
  )
  select ${CUSTOMER}, true as down, ${iso('told.since')} as since, extract(epoch from now() - told.since)::float8 * 1000 as "lastedMs"
  from told join sites s on s.id = told.site_id join customers cu on cu.id = s.customer_id`,
};

/** $1 kinds. Who doesn't wish to be written to any more, or whose site is to go, is told nothing. */
const end: Statement = {
  name: 'customer-mail-end',
  text: `with over as (
    delete from customer_outages o where not exists (select from (${DOWN}) d where d.site_id = o.site_id) returning site_id, since
  )
  select ${CUSTOMER}, false as down, ${iso('over.since')} as since, extract(epoch from now() - over.since)::float8 * 1000 as "lastedMs"
  from over join sites s on s.id = over.site_id join customers cu on cu.id = s.customer_id
  where cu.notify and s.wanted = 'running'`,
};

/** $1 days after which is reminded */
const reminders: Statement = {
  name: 'customer-mail-reminders',
  text: `select ${CUSTOMER}, ${TOLD_NAME_SERVERS} as "nameServers", ($1::int[])[passed.n] as day
  from site_conditions c join sites s on s.id = c.site_id join customers cu on cu.id = s.customer_id join zones z on z.id = s.zone_id,
    lateral (select width_bucket(extract(epoch from now() - z.created_at)::float8 / 86400, $1::float8[]) as n) passed
  where c.status = 'false' and c.gone_at is null and c.reason = 'NameserversNotChanged' and c.aspect = 'zone' and s.wanted = 'running'
    and cu.notify and passed.n > 0 and cardinality(${TOLD_NAME_SERVERS}) > 0`,
};

/** Kinds of incidents for which a site doesn't serve. */
export const OUTAGES = ['container-down', 'tunnel-down', 'edge-unreachable', 'crash-looping'];

/**
 * Tells customers that their site is down, once that lasts for `afterMs`, and once that it isn't any more. Who was told is kept in the
 * same transaction as what they are told.
 * @returns how many were told; undefined when another process is at it
 */
export async function tellOutages(
  db: Database,
  afterMs: number,
  tell: (outage: CustomerOutage) => NewDelivery,
): Promise<number | undefined> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ got: boolean }>(lock);
    if (!rows[0]?.got) return undefined;
    const over = await client.query<CustomerOutage>({ ...end, values: [OUTAGES] });
    const begun = await client.query<CustomerOutage>({ ...begin, values: [OUTAGES, afterMs] });
    const told = [...over.rows, ...begun.rows];
    await insertDeliveries(client, told.map(tell));
    return told.length;
  });
}

/**
 * Reminds customers of name servers that aren't set, once for each of `days` after the zone was made; those that were missed are left out.
 * @returns how many were reminded
 */
export async function remindOfNameServers(
  db: Database,
  days: readonly number[],
  tell: (reminder: NameServerReminder) => NewDelivery,
): Promise<number> {
  const due = await db.run<NameServerReminder & Record<string, unknown>>(reminders, [days]);
  return insertDeliveries(db.pool, due.map(tell));
}
