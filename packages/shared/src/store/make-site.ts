import type { PoolClient } from 'pg';
import { queueOf, siteAspects } from '../domain/aspects.ts';
import type { ContainerProfile } from '../domain/container-profile.ts';
import { isCustomerId } from '../domain/names.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Requester } from './locked-site.ts';
import { refuseTakenPort, type WishedPort } from './wished-ports.ts';

/** What a site's tunnel needs. */
export interface TunnelToMake {
  domain: string;
  domainUnicode: string;
  /** its zone may have been active before */
  existingZone: boolean;
}

/** What a site's container needs. */
export interface ContainerToMake {
  image: string;
  licenseKeyEnc: string;
  profile?: ContainerProfile | undefined;
}

/** A site of one part, which an operator wants without an order. */
export interface SiteToMake {
  /** a customer's external id: the site is that customer's first */
  key: string;
  slug: string;
  port: WishedPort | null;
  part: { tunnel: TunnelToMake } | { container: ContainerToMake };
}

const QUEUES = siteAspects.map((aspect) => queueOf(aspect));

/** Until an order says more of a customer, the id is all that is known. Locks the row, as taking an order does. */
const CUSTOMER = `insert into customers (external_id, name, email) values ($1, $1, '')
  on conflict (external_id) do update set updated_at = now() returning id`;

/**
 * $1 customer, $2 key, $3 slug, $4 environment, $5 port, $6 domain, $7 its unicode form, $8 existing zone, $9 image, $10 licence key.
 * What belongs to the part that isn't wanted is closed by its first look.
 */
const SITE = `with ord as (
    insert into orders (external_id, customer_id, fingerprint) values ('operator-' || $3, $1, '') returning id
  )
  insert into sites (key, slug, ordinal, customer_id, order_id, environment, wished_port, domain, domain_unicode, existing_zone,
    image, license_key_enc, release, wants_tunnel, wants_container)
  select $2, $3, 1, $1, ord.id, $4, $5::int, $6, $7, $8::boolean, $9, $10, case when $9::text is null then 0 else 1 end,
    $6::text is not null, $9::text is not null
  from ord returning id`;

/** $1 site, $2 aspects, $3 their queues, $4 cause */
const CONDITIONS = `insert into site_conditions (site_id, aspect, queue, cause_id)
  select $1, a.aspect, a.queue, $4 from unnest($2::text[], $3::text[]) as a (aspect, queue)`;

/**
 * Locks the customer of a site that isn't there, so that no other request makes it meanwhile.
 * @returns the customer's id
 * @throws BerthError `site.not-found` for a key that no first site of a customer has
 */
export async function lockCustomer(client: PoolClient, key: string): Promise<string> {
  if (!isCustomerId(key)) {
    const problem = 'and none can be made: a key must match [a-z0-9][a-z0-9_-]{0,39}';
    throw new BerthError('site.not-found', `there is no site ${key}, ${problem}`);
  }
  const { rows } = await client.query<{ id: string }>(CUSTOMER, [key]);
  return rows[0]?.id ?? '';
}

/**
 * Makes a site of one part; its conditions are due at once.
 * @param customerId locked by `lockCustomer`
 * @returns the site's id
 * @throws BerthError `port.taken`; Postgres's 23505 when another site has the domain
 */
export async function makeSite(
  client: PoolClient,
  customerId: string,
  site: SiteToMake,
  by: Requester,
): Promise<{ id: string }> {
  const { key, slug, port, part } = site;
  if (port) await refuseTakenPort(client, port);
  const tunnel = 'tunnel' in part ? part.tunnel : undefined;
  const container = 'container' in part ? part.container : undefined;
  const { rows } = await client.query<{ id: string }>(SITE, [
    customerId,
    key,
    slug,
    port?.environment ?? 'production',
    port?.port ?? null,
    tunnel?.domain ?? null,
    tunnel?.domainUnicode ?? null,
    tunnel?.existingZone ?? false,
    container?.image ?? null,
    container?.licenseKeyEnc ?? null,
  ]);
  const id = rows[0]?.id ?? '';
  if (tunnel) await addHostnames(client, id, tunnel.domain);
  if (container) await addRelease(client, id, { number: 1, ...container });
  await client.query(CONDITIONS, [id, siteAspects, QUEUES, by.causeId]);
  return { id };
}

/** @throws Postgres's 23505 when another site has one of them */
export async function addHostnames(client: PoolClient, siteId: string, domain: string): Promise<void> {
  await client.query(
    `insert into site_hostnames (site_id, name, kind)
    select $1, h.name, h.kind from (values ($2::text, 'apex'), ('www.' || $2, 'www')) as h (name, kind)`,
    [siteId, domain],
  );
}

/** One after those that a site has. What it says nothing of is as in the one before. */
export async function addRelease(
  client: PoolClient,
  siteId: string,
  { number, image, licenseKeyEnc, profile }: ContainerToMake & { number: number },
): Promise<void> {
  await client.query(
    `insert into releases (site_id, number, image, license_key_enc, profile)
    select $1, $2, $3, $4, coalesce($5, (select profile from releases where site_id = $1 and number = $2 - 1), 'strict')`,
    [siteId, number, image, licenseKeyEnc, profile ?? null],
  );
}

/**
 * Opens the conditions of a part anew that wasn't wanted. Who looks at one of them at this moment read what is wanted no more, so the
 * lease is taken away: nothing that was found is written down.
 */
const REOPEN = `update site_conditions c set gone_at = null, reached_at = null, status = 'unknown', reason = 'Queued', message = '', tries = 0,
    lease_owner = null, lease_until = null, due_at = now(), wakes = wakes + 1, changed_at = now(), cause_id = $3
  where c.site_id = $1 and c.aspect = any($2::text[]) and (c.placement_id is null or exists (
    select from placements p where p.id = c.placement_id and p.gone_at is null and p.wanted <> 'gone'))`;

/** @param aspects those of the part */
export async function reopenConditions(
  client: PoolClient,
  siteId: string,
  aspects: readonly string[],
  by: Requester,
): Promise<void> {
  await client.query(REOPEN, [siteId, aspects, by.causeId]);
}
