import type { PoolClient } from 'pg';
import type { Hint } from '../contracts/jobs.ts';
import { type Protection, type ProtectionPart, readProtection } from '../domain/protection.ts';
import { parseZonePlan, type ZonePlan } from '../domain/zone-plan.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import { lockSite, mustStay, mustWant, type Requester } from './locked-site.ts';
import * as protocol from './protocol-sql.ts';

/** How a site's protection stands, with all that a change of it is judged by. */
export interface ProtectionStanding {
  siteId: string;
  siteKey: string;
  slug: string;
  /** apex first; none without a tunnel */
  hostnames: string[];
  cfZoneId: string | null;
  /** null: not seen yet */
  plan: ZonePlan | null;
  /** 0: nothing was ever wanted */
  version: number;
  wanted: Protection;
  inForceVersion: number;
  inForce: Protection;
  inForceAt: string | null;
  observedAt: string | null;
  requestedAt: string | null;
  /** paths of the site that applications of others guard in place of Berth's */
  elsewhere: string[];
  /** of the condition `policy` */
  reason: string;
  message: string;
  /** of other sites that aren't gone: rate limits in the same zone, applications and policies of Access in the same account */
  otherRateLimits: number;
  otherApplications: number;
  otherPolicies: number;
}

interface Row extends Omit<ProtectionStanding, 'wanted' | 'inForce' | 'plan'> {
  wanted: Partial<Protection> | null;
  inForce: Partial<Protection> | null;
  plan: string | null;
}

/** Of `o.wanted`, as `accessPolicies` counts them. */
const POLICIES = `(jsonb_array_length(o.wanted->'access'->'serviceTokens') > 0)::int + (jsonb_array_length(o.wanted->'access'->'emails')
        + jsonb_array_length(o.wanted->'access'->'emailDomains') + jsonb_array_length(o.wanted->'access'->'groups') > 0)::int`;

const read: Statement = {
  name: 'protections-read',
  text: `select s.id as "siteId", s.key as "siteKey", s.slug,
    (select coalesce(json_agg(h.name order by h.kind), '[]'::json) from site_hostnames h
      where h.site_id = s.id and h.gone_at is null and s.wants_tunnel) as hostnames,
    z.cf_zone_id as "cfZoneId", z.plan, coalesce(p.version, 0) as version, p.wanted,
    coalesce(p.in_force_version, 0) as "inForceVersion", p.in_force as "inForce", ${iso('p.in_force_at')} as "inForceAt",
    ${iso('p.observed_at')} as "observedAt", ${iso('p.requested_at')} as "requestedAt",
    coalesce(p.elsewhere, '{}') as elsewhere, coalesce(c.reason, '') as reason, coalesce(c.message, '') as message,
    (select count(*)::int from site_protections o join sites os on os.id = o.site_id
      where os.zone_id = s.zone_id and os.id <> s.id and os.gone_at is null and jsonb_typeof(o.wanted->'rateLimit') = 'object'
    ) as "otherRateLimits",
    guarded.applications as "otherApplications", guarded.policies as "otherPolicies"
  from sites s left join zones z on z.id = s.zone_id left join site_protections p on p.site_id = s.id
    left join site_conditions c on c.site_id = s.id and c.aspect = 'policy'
    cross join lateral (select count(*)::int as applications, coalesce(sum(${POLICIES}), 0)::int as policies
      from site_protections o join sites os on os.id = o.site_id left join zones oz on oz.id = os.zone_id
      where os.id <> s.id and os.gone_at is null and jsonb_typeof(o.wanted->'access') = 'object'
        and (z.account_id is null or oz.account_id is null or oz.account_id = z.account_id)) guarded
  where s.key = $1 and s.gone_at is null`,
};

/** $1 site, $2 what is wanted, $3 who wants it */
const want: Statement = {
  name: 'protections-want',
  text: `insert into site_protections as p (site_id, wanted, requested_by) values ($1, $2, $3)
  on conflict (site_id) do update set version = p.version + 1, wanted = excluded.wanted, requested_by = excluded.requested_by,
    requested_at = now()`,
};

/** $1 site, $2 message, $3 data, $4 cause */
const tell: Statement = {
  name: 'protections-tell',
  text: `with counted as (update sites set event_seq = event_seq + 1, updated_at = now() where id = $1 returning event_seq)
  insert into site_events (site_id, seq, type, aspect, message, data, cause_id)
  select $1, event_seq, 'protection.requested', 'policy', $2, $3::jsonb, $4 from counted`,
};

/** $1 site. The sites of a zone share its rules: whoever counts those of others keeps them from being changed meanwhile. */
const lockZone: Statement = {
  name: 'protections-lock-zone',
  text: 'select z.id from zones z join sites s on s.zone_id = z.id where s.id = $1 for no key update of z',
};

/** What an account has room for of Access is counted over its sites: whoever asks for some of it keeps others from doing so meanwhile. */
const lockAccess: Statement = { name: 'protections-lock-access', text: 'select pg_advisory_xact_lock(726016)' };

function toStanding(row: Row): ProtectionStanding {
  return {
    ...row,
    plan: parseZonePlan(row.plan) ?? null,
    wanted: readProtection(row.wanted),
    inForce: readProtection(row.inForce),
  };
}

/** Undefined where there is no such site. */
export async function findProtection(db: Database, key: string): Promise<ProtectionStanding | undefined> {
  const [row] = await db.run<Row>(read, [key]);
  return row && toStanding(row);
}

/** What somebody decides a site's protection shall be, having seen how it stands. */
export interface ProtectionDecision {
  wanted: Protection;
  /** none: it is what was wanted before, and nothing is written */
  parts: readonly ProtectionPart[];
}

export interface ProtectionChange {
  /** whether Access may be among what is decided */
  wantsAccess: boolean;
  /** throws where it can't be had */
  decide(standing: ProtectionStanding): ProtectionDecision;
}

/**
 * Changes what shall protect a site. How it stands is read under the locks of the site, of its zone, and of Access: who decides sees what no
 * other change can alter, of this site or of another one in the zone or in the account.
 * @throws BerthError `site.not-found`, `site.leaving`, `site.part-missing`
 */
export async function changeProtection(
  db: Database,
  key: string,
  { wantsAccess, decide }: ProtectionChange,
  by: Pick<Requester, 'apiKeyId' | 'causeId'>,
): Promise<Hint[]> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    mustStay(site);
    mustWant(site, 'tunnel');
    await client.query({ ...lockZone, values: [site.id] });
    if (wantsAccess) await client.query(lockAccess);
    const { wanted, parts } = decide(await readLocked(client, key));
    if (parts.length === 0) return [];
    await client.query({ ...want, values: [site.id, JSON.stringify(wanted), by.apiKeyId] });
    const message = `what protects the site changes: ${parts.join(', ')}`;
    await client.query({ ...tell, values: [site.id, message, JSON.stringify({ parts }), by.causeId] });
    const woken = await client.query<{ id: string; queue: string }>({
      ...protocol.wake,
      values: [site.id, ['policy'], by.causeId],
    });
    return woken.rows.map((row) => ({ conditionId: row.id, queue: row.queue }));
  });
}

async function readLocked(client: PoolClient, key: string): Promise<ProtectionStanding> {
  const { rows } = await client.query<Row>({ ...read, values: [key] });
  const [row] = rows;
  if (!row) throw new BerthError('site.not-found', `there is no site ${key}`);
  return toStanding(row);
}
