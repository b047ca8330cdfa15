import { aspectNames } from '../domain/aspects.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Database } from './database.ts';
import {
  lockSite,
  mustBeDomainOf,
  mustStay,
  mustWant,
  type Requested,
  type Requester,
  writeChange,
} from './locked-site.ts';

/** Wants one more restart of a site's container or connector. @throws BerthError `site.part-missing` */
export async function requestRestart(
  db: Database,
  key: string,
  target: 'container' | 'tunnel',
  by: Requester,
): Promise<Requested> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    mustStay(site);
    mustWant(site, target);
    const column = target === 'container' ? 'container_restart' : 'tunnel_restart';
    const { rows } = await client.query<{ number: number }>(
      `update sites set ${column} = ${column} + 1 where id = $1 returning ${column} as number`,
      [site.id],
    );
    return writeChange(client, site, by, {
      kind: 'restart',
      target,
      number: rows[0]?.number ?? 0,
      event: { type: 'restart.requested', message: `restart of the ${target}` },
      wakes: [target === 'container' ? 'container' : 'connector'],
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
    return writeChange(client, site, by, {
      kind: 'confirm',
      number: 1,
      event: { type: 'zone.confirmed', message: `the zone of ${site.domain} may be used` },
      wakes: ['zone'],
    });
  });
}

/**
 * Wants a site gone, at whatever step it is; asked again, it is the same operation.
 * @param domain the site's domain once more; null for a site without a tunnel
 * @throws BerthError `domain.mismatch`
 */
export async function requestDeletion(
  db: Database,
  key: string,
  domain: string | null,
  by: Requester,
): Promise<Requested> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    mustBeDomainOf(site, domain);
    if (site.wanted === 'deleted') {
      const { rows } = await client.query<{ id: string }>(
        `select id from operations where site_id = $1 and kind = 'delete' order by created_at limit 1`,
        [site.id],
      );
      return { operationId: rows[0]?.id ?? by.operationId, hints: [] };
    }
    await client.query(`update sites set wanted = 'deleted', generation = generation + 1 where id = $1`, [site.id]);
    return writeChange(client, site, by, {
      kind: 'delete',
      number: 1,
      event: { type: 'deletion.requested', message: `${domain ?? key} leaves` },
      wakes: aspectNames,
    });
  });
}
