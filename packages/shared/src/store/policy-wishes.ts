import type { SiteWanted } from '../domain/aspects.ts';
import { type Protection, type ProtectionPart, readProtection } from '../domain/protection.ts';
import { parseZonePlan, type ZonePlan } from '../domain/zone-plan.ts';
import type { Database, Statement } from './database.ts';
import { WANTED } from './parts-sql.ts';
import type { ZoneStatus } from './zones.ts';

/** What a site's protection is kept by. */
export interface PolicyWish {
  slug: string;
  siteKey: string;
  wanted: SiteWanted;
  cfZoneId: string | null;
  zoneName: string | null;
  zoneStatus: ZoneStatus | null;
  plan: ZonePlan;
  /** apex first */
  hostnames: string[];
  /** what was said of it last */
  said: { reason: string; message: string } | null;
  /** null: nobody ever wanted anything */
  protection: {
    version: number;
    wanted: Protection;
    /** parts of which something may be at Cloudflare */
    touched: ProtectionPart[];
    inForceVersion: number;
    /** what was in force when it was last seen whole */
    inForce: Protection;
  } | null;
}

type Row = Omit<PolicyWish, 'plan' | 'protection'> & {
  plan: string | null;
  version: number | null;
  protects: Partial<Protection> | null;
  touched: ProtectionPart[] | null;
  inForceVersion: number | null;
  inForce: Partial<Protection> | null;
};

const read: Statement = {
  name: 'policy-wishes-read',
  text: `select s.slug, s.key as "siteKey", ${WANTED.tunnel} as wanted, z.cf_zone_id as "cfZoneId", z.name as "zoneName",
    z.status as "zoneStatus", z.plan,
    (select coalesce(json_agg(h.name order by h.kind), '[]'::json) from site_hostnames h
      where h.site_id = s.id and h.gone_at is null) as hostnames,
    (select json_build_object('reason', c.reason, 'message', c.message) from site_conditions c
      where c.site_id = s.id and c.aspect = 'policy' and c.gone_at is null) as said,
    p.version, p.wanted as protects, p.touched, p.in_force_version as "inForceVersion", p.in_force as "inForce"
  from sites s left join zones z on z.id = s.zone_id left join site_protections p on p.site_id = s.id where s.id = $1`,
};

/** $1 site, $2 parts */
const touch: Statement = {
  name: 'policy-wishes-touch',
  text: `update site_protections set touched = array(select distinct unnest(touched || $2::text[]) order by 1) where site_id = $1`,
};

/** $1 site, $2 version that is in force, $3 what that is, $4 parts of which something is there. Who waits with the routes is woken. */
const record: Statement = {
  name: 'policy-wishes-record',
  text: `with old as (
    select in_force_version from site_protections where site_id = $1
  ), kept as (
    update site_protections p set in_force_version = $2, in_force = $3, touched = $4, observed_at = now(),
      in_force_at = case when p.in_force_version <> $2 then now() else p.in_force_at end
    where site_id = $1 and in_force_version <= $2
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from old
  where old.in_force_version <> $2 and c.site_id = $1 and c.aspect = 'route' and c.gone_at is null and c.status <> 'true'`,
};

const close: Statement = {
  name: 'policy-wishes-close',
  text: `update site_protections set touched = '{}', in_force_version = 0, in_force = null, in_force_at = null, observed_at = now()
  where site_id = $1`,
};

/**
 * $1 site, $2 message, $3 data, $4 cause, $5 site's key. The event and the entry are one: neither is without the other. What can't be set right
 * is met at each look, and told once until all of the protection was seen to stand.
 */
const tellRepair: Statement = {
  name: 'policy-wishes-tell-repair',
  text: `with site as (
    select id from sites where id = $1 and not exists (
      select from site_events e join site_protections p on p.site_id = e.site_id
      where e.site_id = $1 and e.type = 'protection.repaired' and e.data = $3::jsonb and e.created_at > p.observed_at
    ) for no key update
  ), counted as (
    update sites s set event_seq = s.event_seq + 1 from site where s.id = site.id returning s.id, s.event_seq
  ), entry as (
    insert into audit_entries (actor_kind, actor_id, actor_name, action, target, status, before, after)
    select 'system', null, 'tunnel-worker', 'repairProtection', $5, 200, $3::jsonb->'before', $3::jsonb->'after' from site
  )
  insert into site_events (site_id, seq, type, aspect, reason, message, data, cause_id)
  select id, event_seq, 'protection.repaired', 'policy', 'SomebodyChangedIt', $2, $3::jsonb, $4 from counted`,
};

/** @throws when there is no such site */
export async function readPolicyWish(db: Database, siteId: string): Promise<PolicyWish> {
  const [row] = await db.run<Row>(read, [siteId]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  const { version, protects, touched, inForceVersion, inForce, plan, ...site } = row;
  const protection =
    version === null
      ? null
      : {
          version,
          wanted: readProtection(protects),
          touched: touched ?? [],
          inForceVersion: inForceVersion ?? 0,
          inForce: readProtection(inForce),
        };
  return { ...site, plan: parseZonePlan(plan) ?? 'free', protection };
}

/** Says that something of these parts may be at Cloudflare from now on; committed before the first of it. */
export async function touchProtection(db: Database, siteId: string, parts: readonly ProtectionPart[]): Promise<void> {
  if (parts.length > 0) await db.run(touch, [siteId, parts]);
}

/** Writes down what was seen in force; not over what was written down of a later wish, by whoever took over from a look that was late. */
export async function recordProtection(
  db: Database,
  siteId: string,
  { version, inForce, touched }: { version: number; inForce: Protection; touched: readonly ProtectionPart[] },
): Promise<void> {
  await db.run(record, [siteId, version, JSON.stringify(inForce), touched]);
}

/** Writes down that nothing of it is there any more. */
export async function closeProtection(db: Database, siteId: string): Promise<void> {
  await db.run(close, [siteId]);
}

/** Tells, on the timeline and in the audit, that somebody changed what is ours, with what they made of it. */
export async function tellRepairedProtection(
  db: Database,
  siteId: string,
  {
    siteKey,
    part,
    before,
    after,
    causeId,
  }: {
    siteKey: string;
    part: ProtectionPart;
    before: unknown;
    after: unknown;
    causeId: string | null;
  },
): Promise<void> {
  const message = `somebody changed at Cloudflare what protects the site (${part}); Berth sets it right, or says why it can't`;
  await db.run(tellRepair, [
    siteId,
    message,
    JSON.stringify({ part, before: before ?? null, after }),
    causeId,
    siteKey,
  ]);
}
