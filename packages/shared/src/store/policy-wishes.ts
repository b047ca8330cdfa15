import type { SiteWanted } from '../domain/aspects.ts';
import { type Protection, type ProtectionPart, readProtection } from '../domain/protection.ts';
import { parseZonePlan, type ZonePlan } from '../domain/zone-plan.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Database, Statement } from './database.ts';
import { WANTED } from './parts-sql.ts';
import type { Fence } from './protocol.ts';
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

/**
 * $1 site, $2 condition, $3 fencing number. Nobody takes the lease over before what is written with it is committed, and nobody writes who was
 * late. The site's row is locked first, as by each statement that takes more than one row of a site.
 */
const HELD = `site as (
    select id from sites where id = $1 for no key update
  ), held as (
    select c.id, c.site_id from site_conditions c join site on site.id = c.site_id where c.id = $2 and c.lease_no = $3
    for no key update of c
  )`;

/** $4 parts */
const touch: Statement = {
  name: 'policy-wishes-touch',
  text: `with ${HELD}, touched as (
    update site_protections p set touched = array(select distinct unnest(p.touched || $4::text[]) order by 1)
    from held where p.site_id = held.site_id
  )
  select id from held`,
};

/** $4 version that is in force, $5 what that is, $6 parts of which something is there, $7 paths that others guard. Who waits with the routes is woken. */
const record: Statement = {
  name: 'policy-wishes-record',
  text: `with ${HELD}, old as (
    select p.in_force_version from site_protections p join held on held.site_id = p.site_id
  ), kept as (
    update site_protections p set in_force_version = $4, in_force = $5, touched = $6, elsewhere = $7, observed_at = now(),
      in_force_at = case when p.in_force_version <> $4 then now() else p.in_force_at end
    from held where p.site_id = held.site_id and p.in_force_version <= $4
  ), woken as (
    update site_conditions c set wakes = c.wakes + 1, due_at = now() from old
    where old.in_force_version <> $4 and c.site_id = $1 and c.aspect = 'route' and c.gone_at is null and c.status <> 'true'
  )
  select id from held`,
};

const close: Statement = {
  name: 'policy-wishes-close',
  text: `with ${HELD}, closed as (
    update site_protections p set touched = '{}', elsewhere = '{}', in_force_version = 0, in_force = null, in_force_at = null, observed_at = now()
    from held where p.site_id = held.site_id
  )
  select id from held`,
};

/**
 * $4 message, $5 data, $6 cause, $7 site's key. The event and the entry are one: neither is without the other. What can't be set right
 * is met at each look, and told once until all of the protection was seen to stand. Who is late may have met what the next one makes.
 */
const tellRepair: Statement = {
  name: 'policy-wishes-tell-repair',
  text: `with ${HELD}, news as (
    select held.site_id as id from held where not exists (
      select from site_events e join site_protections p on p.site_id = e.site_id
      where e.site_id = $1 and e.type = 'protection.repaired' and e.data = $5::jsonb and e.created_at > p.observed_at
    )
  ), counted as (
    update sites s set event_seq = s.event_seq + 1 from news where s.id = news.id returning s.id, s.event_seq
  ), entry as (
    insert into audit_entries (actor_kind, actor_id, actor_name, action, target, status, before, after)
    select 'system', null, 'tunnel-worker', 'repairProtection', $7, 200, $5::jsonb->'before', $5::jsonb->'after' from news
  ), told as (
    insert into site_events (site_id, seq, type, aspect, reason, message, data, cause_id)
    select id, event_seq, 'protection.repaired', 'policy', 'SomebodyChangedIt', $4, $5::jsonb, $6 from counted
  )
  select id from held`,
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

/**
 * Says that something of these parts may be at Cloudflare from now on; committed before the first of it.
 * @throws BerthError `lease.lost`, as all that write here: then nothing was written
 */
export async function touchProtection(
  db: Database,
  siteId: string,
  fence: Fence,
  parts: readonly ProtectionPart[],
): Promise<void> {
  if (parts.length > 0) await write(db, touch, siteId, fence, [parts]);
}

/** What was seen at Cloudflare of a protection. */
export interface SeenProtection {
  version: number;
  inForce: Protection;
  touched: readonly ProtectionPart[];
  /** paths of the site that applications of others guard, such as `mustermann.de/admin`; looked for where Access is wanted */
  elsewhere: readonly string[];
}

/** Writes down what was seen in force; not over what was written down of a later wish. */
export async function recordProtection(
  db: Database,
  siteId: string,
  fence: Fence,
  { version, inForce, touched, elsewhere }: SeenProtection,
): Promise<void> {
  await write(db, record, siteId, fence, [version, JSON.stringify(inForce), touched, elsewhere]);
}

/** Writes down that nothing of it is there any more. */
export async function closeProtection(db: Database, siteId: string, fence: Fence): Promise<void> {
  await write(db, close, siteId, fence, []);
}

/** What somebody else made of a part of what is ours. */
export interface ProtectionRepair {
  siteKey: string;
  part: ProtectionPart;
  before: unknown;
  after: unknown;
  causeId: string | null;
}

/** Tells, on the timeline and in the audit, that somebody changed what is ours, with what they made of it. */
export async function tellRepairedProtection(
  db: Database,
  siteId: string,
  fence: Fence,
  { siteKey, part, before, after, causeId }: ProtectionRepair,
): Promise<void> {
  const message = `somebody changed at Cloudflare what protects the site (${part}); Berth sets it right, or says why it can't`;
  const data = JSON.stringify({ part, before: before ?? null, after });
  await write(db, tellRepair, siteId, fence, [message, data, causeId, siteKey]);
}

async function write(
  db: Database,
  statement: Statement,
  siteId: string,
  { conditionId, leaseNo }: Fence,
  values: readonly unknown[],
): Promise<void> {
  const held = await db.run(statement, [siteId, conditionId, leaseNo, ...values]);
  if (held.length === 0) throw new BerthError('lease.lost', `the lease on policy of site ${siteId} is lost`);
}
