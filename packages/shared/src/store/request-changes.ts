import type { PoolClient } from 'pg';
import type { Hint } from '../contracts/jobs.ts';
import { type Aspect, aspectNames } from '../domain/aspects.ts';
import type { ContainerProfile } from '../domain/container-profile.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Database } from './database.ts';
import * as sql from './protocol-sql.ts';

/** Who asks, and under which names the request goes on. */
export interface Requester {
  apiKeyId: string;
  causeId: string;
  operationId: string;
}

interface LockedSite {
  id: string;
  key: string;
  domain: string;
  wanted: string;
  release: number;
  license_key_enc: string;
}

interface Change {
  kind: 'restart' | 'deploy' | 'confirm' | 'delete';
  target?: string;
  number: number;
  event: { type: string; message: string };
  wakes: readonly Aspect[];
}

/** An operation that was asked for, and whom to hint. */
export interface Requested {
  operationId: string;
  hints: Hint[];
}

/** Locks the site of a key that isn't gone. @throws BerthError `site.not-found` */
async function lockSite(client: PoolClient, key: string): Promise<LockedSite> {
  const { rows } = await client.query<LockedSite>(
    `select id, key, domain, wanted, release, license_key_enc from sites where key = $1 and gone_at is null for no key update`,
    [key],
  );
  const [site] = rows;
  if (!site) throw new BerthError('site.not-found', `there is no site ${key}`);
  return site;
}

function mustStay(site: LockedSite): void {
  if (site.wanted === 'deleted')
    throw new BerthError('site.leaving', `site ${site.key} is leaving`, { retryAfterMs: 5000 });
}

/** The operation, its event, and the wake-ups, in the caller's transaction. */
async function write(client: PoolClient, site: LockedSite, by: Requester, change: Change): Promise<Requested> {
  await client.query(
    'insert into operations (id, site_id, kind, target, number, requested_by, cause_id) values ($1, $2, $3, $4, $5, $6, $7)',
    [by.operationId, site.id, change.kind, change.target ?? null, change.number, by.apiKeyId, by.causeId],
  );
  await client.query(
    `with counted as (update sites set event_seq = event_seq + 1, updated_at = now() where id = $1 returning event_seq)
    insert into site_events (site_id, seq, type, message, cause_id) select $1, event_seq, $2, $3, $4 from counted`,
    [site.id, change.event.type, change.event.message, by.causeId],
  );
  const { rows } = await client.query<{ id: string; queue: string }>({
    ...sql.wake,
    values: [site.id, change.wakes, by.causeId],
  });
  return {
    operationId: by.operationId,
    hints: rows.map((row) => ({ conditionId: row.id, queue: row.queue })),
  };
}

/** Wants one more restart of a site's container or connector. */
export async function requestRestart(
  db: Database,
  key: string,
  target: 'container' | 'tunnel',
  by: Requester,
): Promise<Requested> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    mustStay(site);
    const column = target === 'container' ? 'container_restart' : 'tunnel_restart';
    const { rows } = await client.query<{ number: number }>(
      `update sites set ${column} = ${column} + 1 where id = $1 returning ${column} as number`,
      [site.id],
    );
    return write(client, site, by, {
      kind: 'restart',
      target,
      number: rows[0]?.number ?? 0,
      event: { type: 'restart.requested', message: `restart of the ${target}` },
      wakes: [target === 'container' ? 'container' : 'connector'],
    });
  });
}

/** What a deploy changes; what is null or absent stays as in the release before it. */
export interface DeployWish {
  image: string;
  licenseKeyEnc: string | null;
  profile?: ContainerProfile | undefined;
}

/** Wants another image; a release that waited for its turn is passed over. */
export async function requestDeploy(
  db: Database,
  key: string,
  { image, licenseKeyEnc, profile }: DeployWish,
  by: Requester,
): Promise<Requested> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    mustStay(site);
    const number = site.release + 1;
    const license = licenseKeyEnc ?? site.license_key_enc;
    await client.query(
      `update releases set outcome = 'superseded', finished_at = now() where site_id = $1 and outcome = 'pending'
        and exists (select from releases r where r.site_id = $1 and r.outcome = 'running')`,
      [site.id],
    );
    await client.query(
      `insert into releases (site_id, number, image, license_key_enc, profile)
      select $1, $2, $3, $4, coalesce($6, (select profile from releases where site_id = $1 and number = $5))`,
      [site.id, number, image, license, site.release, profile ?? null],
    );
    await client.query(
      'update sites set release = $2, image = $3, license_key_enc = $4, generation = generation + 1 where id = $1',
      [site.id, number, image, license],
    );
    return write(client, site, by, {
      kind: 'deploy',
      number,
      event: { type: 'deploy.requested', message: `release ${number}: ${image}` },
      wakes: ['container'],
    });
  });
}

/** An operator says that a zone which was active before may be used. @throws BerthError `site.nothing-to-confirm` */
export async function requestConfirmation(db: Database, key: string, by: Requester): Promise<Requested> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    mustStay(site);
    const { rowCount } = await client.query(
      `update sites set zone_confirmed_at = now(), zone_confirmed_by = $2
      where id = $1 and exists (select from site_conditions c where c.site_id = $1 and c.aspect = 'zone' and c.reason = 'ZoneAlreadyActive')`,
      [site.id, by.apiKeyId],
    );
    if (rowCount === 0) throw new BerthError('site.nothing-to-confirm', `site ${key} does not wait for a confirmation`);
    return write(client, site, by, {
      kind: 'confirm',
      number: 1,
      event: { type: 'zone.confirmed', message: `the zone of ${site.domain} may be used` },
      wakes: ['zone'],
    });
  });
}

/** Wants a site gone, at whatever step it is; asked again, it is the same operation. @throws BerthError `domain.mismatch` */
export async function requestDeletion(db: Database, key: string, domain: string, by: Requester): Promise<Requested> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    if (site.domain !== domain) {
      throw new BerthError('domain.mismatch', `the domain of site ${key} is not the one in the body`);
    }
    if (site.wanted === 'deleted') {
      const { rows } = await client.query<{ id: string }>(
        `select id from operations where site_id = $1 and kind = 'delete' order by created_at limit 1`,
        [site.id],
      );
      return { operationId: rows[0]?.id ?? by.operationId, hints: [] };
    }
    await client.query(`update sites set wanted = 'deleted', generation = generation + 1 where id = $1`, [site.id]);
    return write(client, site, by, {
      kind: 'delete',
      number: 1,
      event: { type: 'deletion.requested', message: `${site.domain} leaves` },
      wakes: aspectNames,
    });
  });
}
