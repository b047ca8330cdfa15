import type { PoolClient } from 'pg';
import { aspectNames, siteAspects } from '../domain/aspects.ts';
import { aspectsOf } from '../domain/parts.ts';
import { BerthError } from '../errors/berth-error.ts';
import { type Database, sqlState } from './database.ts';
import { findHolder } from './intake.ts';
import {
  findLockedSite,
  type LockedSite,
  lockSite,
  mustBeDomainOf,
  mustStay,
  type Requested,
  type Requester,
  writeChange,
} from './locked-site.ts';
import { addHostnames, lockCustomer, makeSite, reopenConditions, type TunnelToMake } from './make-site.ts';
import { type WishedPort, wishPort } from './wished-ports.ts';

/** The tunnel that is wanted of a site. */
export interface TunnelWanted extends TunnelToMake {
  port: WishedPort | null;
  /** of the site, where there is none yet */
  slug: string;
}

const TUNNEL_ASPECTS = aspectsOf('tunnel');
const UNIQUE_VIOLATION = '23505';
const LEAVING_RETRY_MS = 1000;

/**
 * Wants a tunnel for a site; a site that isn't there is made, of a tunnel alone. Asked again, nothing is made twice.
 * @throws BerthError `domain.mismatch`, `domain.in-use`, `site.leaving`, `port.taken`, `port.mismatch`
 */
export async function requestTunnel(db: Database, key: string, wish: TunnelWanted, by: Requester): Promise<Requested> {
  try {
    return await db.transaction(async (client) => {
      const site = await findLockedSite(client, key);
      if (site) return want(client, site, wish, by);
      const customerId = await lockCustomer(client, key);
      const meanwhile = await findLockedSite(client, key);
      return meanwhile ? want(client, meanwhile, wish, by) : make(client, { key, customerId }, wish, by);
    });
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    const holder = await findHolder(db, wish.domain, key);
    if (holder === 'domain-in-use') throw new BerthError('domain.in-use', `${wish.domain} belongs to another site`);
    throw new BerthError('site.leaving', `the former site of ${wish.domain} is still leaving`, { retryAfterMs: 5000 });
  }
}

async function make(
  client: PoolClient,
  { key, customerId }: { key: string; customerId: string },
  { port, slug, ...tunnel }: TunnelWanted,
  by: Requester,
): Promise<Requested> {
  const site = await makeSite(client, customerId, { key, slug, port, part: { tunnel } }, by);
  return writeChange(client, site, by, { ...changeTo(tunnel.domain), wakes: siteAspects });
}

async function want(client: PoolClient, site: LockedSite, wish: TunnelWanted, by: Requester): Promise<Requested> {
  mustStay(site);
  if (!site.wants_tunnel) await add(client, site, wish, by);
  else if (site.domain !== wish.domain) {
    throw new BerthError('domain.mismatch', `site ${site.key} has the domain ${site.domain}; delete its tunnel first`);
  } else if (wish.existingZone) {
    await client.query('update sites set existing_zone = true where id = $1', [site.id]);
  }
  if (wish.port) await wishPort(client, site, wish.port);
  return writeChange(client, site, by, { ...changeTo(wish.domain), wakes: ['placement', ...TUNNEL_ASPECTS] });
}

const changeTo = (domain: string) =>
  ({
    kind: 'create-tunnel',
    number: 1,
    event: { type: 'tunnel.requested', message: `a tunnel for ${domain}` },
  }) as const;

/** What the former tunnel of the site was made from doesn't count for the next one. */
const FORGET = `update sites set wants_tunnel = true, generation = generation + 1, domain = $2, domain_unicode = $3, existing_zone = $4,
    zone_id = null, zone_intent_at = null, zone_active_at = null, zone_confirmed_at = null, zone_confirmed_by = null,
    tunnel_id = null, tunnel_secret_enc = null, proof_secret_enc = null
  where id = $1`;

/**
 * With the site's zone goes what tells that a customer had it (zones.ts, `heldByOther`): from now on an operator must say that it may be
 * used, whoever orders it.
 */
const KEEP_IN_MIND = `update zones z set active_before = true, updated_at = now() from sites s
  where s.id = $1 and z.id = s.zone_id and z.name <> $2 and z.first_active_at is not null`;

async function add(client: PoolClient, site: LockedSite, wish: TunnelWanted, by: Requester): Promise<void> {
  if (!(await hasLeft(client, site))) {
    throw new BerthError('site.leaving', `the former tunnel of site ${site.key} is still leaving`, {
      retryAfterMs: LEAVING_RETRY_MS,
    });
  }
  await client.query(KEEP_IN_MIND, [site.id, wish.domain]);
  await client.query(FORGET, [site.id, wish.domain, wish.domainUnicode, wish.existingZone]);
  await addHostnames(client, site.id, wish.domain);
  await reopenConditions(client, site.id, TUNNEL_ASPECTS, by);
}

async function hasLeft(client: PoolClient, site: LockedSite): Promise<boolean> {
  const { rows } = await client.query<{ left: boolean }>(
    `select not exists (select from site_conditions c left join placements p on p.id = c.placement_id
      where c.site_id = $1 and c.aspect = any($2::text[]) and c.gone_at is null) as left`,
    [site.id, TUNNEL_ASPECTS],
  );
  return rows[0]?.left ?? false;
}

/**
 * Wants a site's tunnel gone; its container stays. A site of a tunnel alone goes with it. Asked again while it leaves, it's the same
 * operation.
 * @param domain the site's domain once more
 * @throws BerthError `site.not-found`, `tunnel.not-found`, `domain.mismatch`
 */
export async function requestTunnelEnd(db: Database, key: string, domain: string, by: Requester): Promise<Requested> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    const leaving = site.wanted === 'deleted' || !site.wants_tunnel;
    if (leaving) return { operationId: await findEnd(client, site, domain), hints: [] };
    mustBeDomainOf(site, domain);
    const gone = site.wants_container ? 'wants_tunnel = false' : `wanted = 'deleted'`;
    await client.query(`update sites set ${gone}, generation = generation + 1 where id = $1`, [site.id]);
    return writeChange(client, site, by, {
      kind: 'delete-tunnel',
      number: 1,
      event: { type: 'tunnel.deletion.requested', message: `the tunnel of ${domain} leaves` },
      wakes: site.wants_container ? TUNNEL_ASPECTS : aspectNames,
    });
  });
}

/** The operation by which the site's tunnel leaves. */
async function findEnd(client: PoolClient, site: LockedSite, domain: string): Promise<string> {
  if (site.domain !== null && (await hasLeft(client, site)) === false) {
    mustBeDomainOf({ ...site, wants_tunnel: true }, domain);
    const { rows } = await client.query<{ id: string }>(
      `select id from operations where site_id = $1 and kind in ('delete', 'delete-tunnel') order by created_at desc limit 1`,
      [site.id],
    );
    if (rows[0]) return rows[0].id;
  }
  throw new BerthError('tunnel.not-found', `site ${site.key} has no tunnel`);
}
