import type { PoolClient } from 'pg';
import type { Hint } from '../contracts/jobs.ts';
import type { Aspect } from '../domain/aspects.ts';
import type { Part } from '../domain/parts.ts';
import { BerthError } from '../errors/berth-error.ts';
import * as sql from './protocol-sql.ts';

/** Who asks, and under which names the request goes on. */
export interface Requester {
  apiKeyId: string;
  causeId: string;
  operationId: string;
}

/** A site that isn't gone, whose row this transaction holds. */
export interface LockedSite {
  id: string;
  key: string;
  /** null where the site never wanted a tunnel */
  domain: string | null;
  environment: 'production' | 'staging';
  wanted: string;
  wants_container: boolean;
  wants_tunnel: boolean;
  release: number;
  license_key_enc: string | null;
  wished_port: number | null;
  /** of the placement that serves */
  port: number | null;
}

interface Change {
  kind: 'restart' | 'deploy' | 'confirm' | 'delete' | 'create-tunnel' | 'delete-tunnel';
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

/** Locks the site of a key that isn't gone. */
export async function findLockedSite(client: PoolClient, key: string): Promise<LockedSite | undefined> {
  const { rows } = await client.query<LockedSite>(
    `select s.id, s.key, s.domain, s.environment, s.wanted, s.wants_container, s.wants_tunnel, s.release, s.license_key_enc, s.wished_port,
      (select p.port from placements p where p.site_id = s.id and p.wanted = 'serving' and p.gone_at is null) as port
    from sites s where s.key = $1 and s.gone_at is null for no key update of s`,
    [key],
  );
  return rows[0];
}

/** Locks the site of a key that isn't gone. @throws BerthError `site.not-found` */
export async function lockSite(client: PoolClient, key: string): Promise<LockedSite> {
  const site = await findLockedSite(client, key);
  if (!site) throw new BerthError('site.not-found', `there is no site ${key}`);
  return site;
}

/** @throws BerthError `site.leaving` */
export function mustStay(site: LockedSite): void {
  if (site.wanted === 'deleted')
    throw new BerthError('site.leaving', `site ${site.key} is leaving`, { retryAfterMs: 5000 });
}

/** @throws BerthError `site.part-missing` */
export function mustWant(site: LockedSite, part: Part): void {
  if (part === 'container' ? site.wants_container : site.wants_tunnel) return;
  throw new BerthError('site.part-missing', `site ${site.key} has no ${part}`);
}

/**
 * Whoever takes something away says the site's domain once more, so that a wrong key takes nothing.
 * @throws BerthError `domain.mismatch`
 */
export function mustBeDomainOf(site: LockedSite, domain: string | null): void {
  if ((site.wants_tunnel ? site.domain : null) === domain) return;
  throw new BerthError('domain.mismatch', `the domain of site ${site.key} is not the one in the body`);
}

/** The operation, its event, and the wake-ups, in the caller's transaction. */
export async function writeChange(
  client: PoolClient,
  site: Pick<LockedSite, 'id'>,
  by: Requester,
  change: Change,
): Promise<Requested> {
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
