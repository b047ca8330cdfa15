import type { Hint } from '../contracts/jobs.ts';
import type { SiteWanted } from '../domain/aspects.ts';
import type { MailSafety } from '../domain/domain-record.ts';
import type { ZonePlan } from '../domain/zone-plan.ts';
import type { Database, Statement } from './database.ts';
import { WANTED } from './parts-sql.ts';

/** A zone's state in Cloudflare's words; `deleted` once it was observed absent. */
export type ZoneStatus = 'initializing' | 'pending' | 'active' | 'moved' | 'deleted';

/** A zone as Cloudflare shows it. */
export interface ObservedZone {
  cfZoneId: string;
  name: string;
  status: ZoneStatus;
  nameServers: string[];
  originalNameServers: string[];
  /** what is paid for it; undefined: not told */
  plan?: ZonePlan | undefined;
  /** it is active, or has been at some time */
  everActive: boolean;
  /** when it was added to its account, by Cloudflare's clock */
  createdAt: Date;
}

/** How a zone that is known here was seen; what was observed absent is `deleted`. */
export type SeenZone = Pick<ObservedZone, 'cfZoneId' | 'status' | 'nameServers' | 'everActive' | 'plan'>;

/** A zone that sites wait for. */
export interface WatchedZone {
  cfZoneId: string;
  name: string;
}

/** A zone as it is known here. */
export interface KnownZone {
  id: string;
  cfZoneId: string;
  name: string;
  status: ZoneStatus;
  nameServers: string[];
  originalNameServers: string[];
  madeByUs: boolean;
  /** it was active before Berth first saw it */
  activeBefore: boolean;
  wasActive: boolean;
  /** whether the customer may be told its name servers */
  told: boolean;
  /** what is known of the domain's mail; null: nobody has looked */
  mail: MailSafety | null;
  /** seconds since Cloudflare was last asked */
  ageSeconds: number;
  /** the site doesn't answer through the edge, which a zone that has left would explain */
  failsOutside: boolean;
}

/** What the zone of a site is decided from. */
export interface ZoneWish {
  siteKey: string;
  domain: string;
  wanted: SiteWanted;
  wasLive: boolean;
  /** an operator's key or a confirmation says that the zone may be used though it was active before */
  allowed: boolean;
  /** since when a create may have been sent whose answer isn't known */
  intendedAt: Date | null;
  /** how long ago that was, by the database's clock */
  intendedSeconds: number | null;
  /** a site of another customer holds or held this zone, or one of its name that was active: name servers may still point there */
  heldByOther: boolean;
  /** another site that isn't gone uses the same zone */
  shared: boolean;
  zone: KnownZone | null;
}

const readWish: Statement = {
  name: 'zones-read-wish',
  text: `select s.key as "siteKey", s.domain, ${WANTED.tunnel} as wanted,
    s.live_at is not null and s.zone_active_at is not null as "wasLive",
    s.existing_zone or s.zone_confirmed_at is not null as allowed, s.zone_intent_at as "intendedAt",
    extract(epoch from now() - s.zone_intent_at)::float8 as "intendedSeconds",
    exists (select from sites o join zones oz on oz.id = o.zone_id
      where oz.name = s.domain and o.id <> s.id and o.customer_id <> s.customer_id
        and (oz.id = s.zone_id or oz.first_active_at is not null)) as "heldByOther",
    exists (select from sites o where o.zone_id = s.zone_id and o.id <> s.id and o.gone_at is null and o.wants_tunnel) as shared,
    case when z.id is not null then json_build_object('id', z.id, 'cfZoneId', z.cf_zone_id, 'name', z.name, 'status', z.status,
      'nameServers', z.name_servers, 'originalNameServers', z.original_name_servers, 'madeByUs', z.made_by_us,
      'activeBefore', z.active_before, 'wasActive', z.first_active_at is not null, 'told', z.told_at is not null, 'mail', t.mail,
      'ageSeconds', extract(epoch from now() - z.checked_at)::float8,
      'failsOutside', exists (select from site_health h where h.site_id = s.id and h.aspect = 'edge' and h.outcome <> 'healthy')) end as zone
  from sites s left join zones z on z.id = s.zone_id left join zone_takeovers t on t.zone_id = z.id where s.id = $1`,
};

/** $1 site, $2 whether a create is about to be sent */
const setIntent: Statement = {
  name: 'zones-set-intent',
  text: `update sites set zone_intent_at = case when $2 then coalesce(zone_intent_at, now()) end where id = $1`,
};

const closeFormer: Statement = {
  name: 'zones-close-former',
  text: `update zones set status = 'deleted', updated_at = now()
  where account_id = $1 and name = $2 and cf_zone_id <> $3 and status <> 'deleted'`,
};

/** $1 account, $2 id, $3 name, $4 status, $5 name servers, $6 original ones, $7 made by us, $8 ever active, $9 plan */
const upsert: Statement = {
  name: 'zones-upsert',
  text: `insert into zones as z (account_id, cf_zone_id, name, status, name_servers, original_name_servers, made_by_us, active_before,
    first_active_at, plan)
  values ($1, $2, $3, $4, $5, $6, $7, $8 and not $7, case when $8 then now() end, $9)
  on conflict (cf_zone_id) do update set status = excluded.status, name_servers = excluded.name_servers,
    original_name_servers = excluded.original_name_servers, plan = coalesce(excluded.plan, z.plan), made_by_us = z.made_by_us or excluded.made_by_us,
    first_active_at = coalesce(z.first_active_at, excluded.first_active_at), checked_at = now(), updated_at = now()
  returning id`,
};

/** $1 to $5: parallel arrays of id, status, name servers (as JSON), ever active and plan; $6 account */
const update: Statement = {
  name: 'zones-update',
  text: `with seen as (
    select * from unnest($1::text[], $2::text[], $3::jsonb[], $4::boolean[], $5::text[])
      as n (cf_zone_id, status, name_servers, ever_active, plan)
  ), old as (
    select z.id, z.status, z.plan, seen.status as now_status, seen.name_servers, seen.ever_active, coalesce(seen.plan, z.plan) as now_plan
    from zones z join seen on seen.cf_zone_id = z.cf_zone_id
    where z.account_id = $6 order by z.id for update of z
  )
  update zones z set status = old.now_status, plan = old.now_plan,
      name_servers = case when old.name_servers = '[]' then z.name_servers
        else array(select jsonb_array_elements_text(old.name_servers)) end,
      first_active_at = case when old.ever_active then coalesce(z.first_active_at, now()) else z.first_active_at end,
      checked_at = now(), updated_at = case when old.status <> old.now_status then now() else z.updated_at end
  from old where z.id = old.id returning z.id, old.status <> old.now_status as changed, old.plan is distinct from old.now_plan as "otherPlan"`,
};

/**
 * $1 zones whose status changed, $2 those whose plan did: another one may have room for a protection that waits, and writes it otherwise. A
 * statement of its own, after the zones are locked: within the one before it would see the sites as they were before, and miss one that was
 * bound to such a zone meanwhile.
 */
const wakeSites: Statement = {
  name: 'zones-wake-sites',
  text: `with bound as (
    select c.id from sites s join site_conditions c on c.site_id = s.id
    where s.zone_id = any($1::uuid[] || $2::uuid[]) and s.gone_at is null and c.gone_at is null
      and (c.aspect = 'zone' and s.zone_id = any($1)
        or c.aspect = 'policy' and s.zone_id = any($2) and exists (select from site_protections p where p.site_id = s.id))
    order by c.id for update of c
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from bound where c.id = bound.id
  returning c.id as "conditionId", c.queue`,
};

/** $1 site, $2 zone */
const giveZone: Statement = {
  name: 'zones-give',
  text: `update sites s set zone_id = $2, zone_intent_at = null, updated_at = now() from (select zone_id from sites where id = $1) former
  where s.id = $1 returning former.zone_id is distinct from s.zone_id as "isOther"`,
};

/** $1 site. With its former zone the rules that protected it are gone; its routes wait until they stand in the other one. */
const loseProtection: Statement = {
  name: 'zones-lose-protection',
  text: `with lost as (
    update site_protections set in_force_version = 0, in_force = null, in_force_at = null where site_id = $1 returning site_id
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from lost
  where c.site_id = lost.site_id and c.aspect = 'policy' and c.gone_at is null`,
};

const watched: Statement = {
  name: 'zones-watched',
  text: `select z.cf_zone_id as "cfZoneId", z.name from zones z where z.account_id = $1 and z.status in ('initializing', 'pending')
    and exists (select from sites s where s.zone_id = z.id and s.gone_at is null and s.wants_tunnel) order by z.checked_at`,
};

const countActive: Statement = {
  name: 'zones-count-active',
  text: `select count(*)::int as count from zones where account_id = $1 and status = 'active'`,
};

/** Reads what the zone of a site is decided from. @throws when there is no such site */
export async function readZoneWish(db: Database, siteId: string): Promise<ZoneWish> {
  const [row] = await db.run<ZoneWish>(readWish, [siteId]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  return row;
}

/** Says that a zone is about to be made for a site, or takes that back. */
export async function setZoneIntent(db: Database, siteId: string, intended: boolean): Promise<void> {
  await db.run(setIntent, [siteId, intended]);
}

/** Writes a zone down and gives it to a site, whose intent is done with; a former zone of the same name is taken for deleted. */
export async function bindZone(
  db: Database,
  { siteId, accountId, zone, madeByUs }: { siteId: string; accountId: string; zone: ObservedZone; madeByUs: boolean },
): Promise<void> {
  await db.transaction(async (client) => {
    await client.query('select id from sites where id = $1 for no key update', [siteId]);
    await client.query({ ...closeFormer, values: [accountId, zone.name, zone.cfZoneId] });
    const { rows } = await client.query({
      ...upsert,
      values: [
        accountId,
        zone.cfZoneId,
        zone.name,
        zone.status,
        zone.nameServers,
        zone.originalNameServers,
        madeByUs,
        zone.everActive,
        zone.plan ?? null,
      ],
    });
    const given = await client.query<{ isOther: boolean }>({ ...giveZone, values: [siteId, rows[0].id] });
    if (given.rows[0]?.isOther) await client.query({ ...loseProtection, values: [siteId] });
  });
}

/**
 * Writes down how zones were seen, and wakes the sites of those whose status or plan changed. A plan that wasn't told stays as it is known.
 * @returns whom to hint
 */
export async function recordZones(db: Database, accountId: string, zones: readonly SeenZone[]): Promise<Hint[]> {
  if (zones.length === 0) return [];
  const values = [
    zones.map((zone) => zone.cfZoneId),
    zones.map((zone) => zone.status),
    zones.map((zone) => JSON.stringify(zone.nameServers)),
    zones.map((zone) => zone.everActive),
    zones.map((zone) => zone.plan ?? null),
    accountId,
  ];
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: string; changed: boolean; otherPlan: boolean }>({ ...update, values });
    const changed = rows.filter((row) => row.changed).map((row) => row.id);
    const otherPlan = rows.filter((row) => row.otherPlan).map((row) => row.id);
    if (changed.length + otherPlan.length === 0) return [];
    return (await client.query<Hint>({ ...wakeSites, values: [changed, otherPlan] })).rows;
  });
}

/** How a zone is written down that was observed absent. */
export function absentZone(cfZoneId: string): SeenZone {
  return { cfZoneId, status: 'deleted', nameServers: [], everActive: false };
}

/** The zones that sites wait for, those first that were looked at longest ago. */
export async function listWatchedZones(db: Database, accountId: string): Promise<WatchedZone[]> {
  return db.run<WatchedZone>(watched, [accountId]);
}

/** How many zones of an account are known to be active. */
export async function countActiveZones(db: Database, accountId: string): Promise<number> {
  const [row] = await db.run<{ count: number }>(countActive, [accountId]);
  return row?.count ?? 0;
}
