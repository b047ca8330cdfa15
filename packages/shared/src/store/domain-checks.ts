import type { PoolClient } from 'pg';
import type { Hint } from '../contracts/jobs.ts';
import type { DomainRecord, MailSafety } from '../domain/domain-record.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import { lockSite, mustStay, mustWant } from './locked-site.ts';
import * as protocol from './protocol-sql.ts';
import { TOLD_NAME_SERVERS } from './told-name-servers.ts';
import type { ZoneStatus } from './zones.ts';

/** What a domain's parent said. */
export interface DomainFinding {
  parent: string | null;
  /** undefined: nobody answered */
  registered?: boolean;
  nameServers: string[];
  ds: { keyTag: number; algorithm: number; digestType: number }[] | null;
}

/** A domain with all that its check is judged by. */
export interface DomainStanding {
  siteId: string;
  siteKey: string;
  domain: string;
  domainUnicode: string;
  /** null: there is no zone yet */
  zoneStatus: ZoneStatus | null;
  activeAt: string | null;
  /** those that may be told */
  nameServers: string[];
  /** null: nobody has looked, or still does */
  mail: MailSafety | null;
  /** of what the former name servers know; null: nothing was taken over, nor will be */
  takeover: { ended: boolean; found: DomainRecord[]; refused: DomainRecord[]; missing: DomainRecord[] } | null;
  /** of the condition `zone` */
  reason: string;
  message: string;
  finding: DomainFinding | null;
  /** when `finding` was made */
  checkedAt: string | null;
}

/** $1 site, $2 the least time between two checks in ms. No row: the former one is too young. */
const begin: Statement = {
  name: 'domain-checks-begin',
  text: `insert into domain_checks (site_id) values ($1) on conflict (site_id) do update set begun_at = now()
    where domain_checks.begun_at <= now() - $2::float8 * interval '1 ms' returning site_id`,
};

const untilFree: Statement = {
  name: 'domain-checks-until-free',
  text: `select $2::float8 - extract(epoch from now() - begun_at)::float8 * 1000 as ms from domain_checks where site_id = $1`,
};

const end: Statement = {
  name: 'domain-checks-end',
  text: `update domain_checks set checked_at = now(), finding = $2 where site_id = $1`,
};

const STANDING = `select s.id as "siteId", s.key as "siteKey", s.domain, s.domain_unicode as "domainUnicode", z.status as "zoneStatus",
    ${iso('s.zone_active_at')} as "activeAt", ${TOLD_NAME_SERVERS} as "nameServers", c.reason, c.message, d.finding,
    t.mail, case when t.zone_id is not null then json_build_object('ended', t.ended_at is not null, 'found', coalesce(t.found, '[]'),
      'refused', t.refused, 'missing', t.missing) end as takeover,
    ${iso('d.checked_at')} as "checkedAt"
  from sites s join site_conditions c on c.site_id = s.id and c.aspect = 'zone' left join zones z on z.id = s.zone_id
    left join domain_checks d on d.site_id = s.id left join zone_takeovers t on t.zone_id = z.id`;

const standing: Statement = { name: 'domain-checks-standing', text: `${STANDING} where s.id = $1` };

const standingByKey: Statement = {
  name: 'domain-checks-standing-by-key',
  text: `${STANDING} where s.key = $1 and s.gone_at is null and s.wants_tunnel`,
};

/**
 * Says that a site's domain is about to be checked, unless that was done less than `gapMs` ago.
 * @throws BerthError `domain-check.too-often`, `site.not-found`, `site.leaving`, `site.part-missing`
 */
export async function beginDomainCheck(db: Database, key: string, gapMs: number): Promise<DomainStanding> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    mustStay(site);
    mustWant(site, 'tunnel');
    const { rowCount } = await client.query({ ...begin, values: [site.id, gapMs] });
    if (rowCount === 0) {
      const { rows } = await client.query<{ ms: number }>({ ...untilFree, values: [site.id, gapMs] });
      const message = `the domain of ${key} was checked a moment ago`;
      throw new BerthError('domain-check.too-often', message, { retryAfterMs: Math.max(1, rows[0]?.ms ?? gapMs) });
    }
    return readStanding(client, site.id);
  });
}

/** Writes down what was found, and wakes the site's zone. @returns how it stands now, and whom to hint */
export async function endDomainCheck(
  db: Database,
  siteId: string,
  finding: DomainFinding,
  causeId: string,
): Promise<{ standing: DomainStanding; hints: Hint[] }> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: string; queue: string }>({
      ...protocol.wake,
      values: [siteId, ['zone'], causeId],
    });
    await client.query({ ...end, values: [siteId, JSON.stringify(finding)] });
    const hints = rows.map(({ id, queue }) => ({ conditionId: id, queue }));
    return { standing: await readStanding(client, siteId), hints };
  });
}

async function readStanding(client: PoolClient, siteId: string): Promise<DomainStanding> {
  const { rows } = await client.query<DomainStanding>({ ...standing, values: [siteId] });
  const [row] = rows;
  if (!row) throw new Error(`site ${siteId} has no zone condition`);
  return row;
}

/** @throws BerthError `site.not-found` where there is none that has a domain */
export async function readSiteDomain(db: Database, key: string): Promise<DomainStanding> {
  const [row] = await db.run<DomainStanding & Record<string, unknown>>(standingByKey, [key]);
  if (!row) throw new BerthError('site.not-found', `there is no site ${key} with a domain`);
  return row;
}
