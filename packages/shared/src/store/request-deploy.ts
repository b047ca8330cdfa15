import type { PoolClient } from 'pg';
import { siteAspects } from '../domain/aspects.ts';
import type { ContainerProfile } from '../domain/container-profile.ts';
import { aspectsOf } from '../domain/parts.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Database } from './database.ts';
import {
  findLockedSite,
  type LockedSite,
  mustStay,
  type Requested,
  type Requester,
  writeChange,
} from './locked-site.ts';
import { addRelease, lockCustomer, makeSite, reopenConditions } from './make-site.ts';
import { type WishedPort, wishPort } from './wished-ports.ts';

/** The image that is wanted of a site. */
export interface DeployWish {
  image: string;
  /** null: the one that the site has */
  licenseKeyEnc: string | null;
  /** undefined: the one that the site has */
  profile?: ContainerProfile | undefined;
  port?: WishedPort | null;
  /** a site that isn't there is made with this slug, of a container alone */
  makeAs?: string | undefined;
}

/**
 * Wants another image, or the first one of a site that had no container; a release that waited for its turn is passed over.
 * @throws BerthError `site.not-found`, `site.leaving`, `license.required`, `port.taken`, `port.mismatch`
 */
export async function requestDeploy(db: Database, key: string, wish: DeployWish, by: Requester): Promise<Requested> {
  return db.transaction(async (client) => {
    const site = await findLockedSite(client, key);
    if (site) return deploy(client, site, wish, by);
    if (wish.makeAs === undefined) throw new BerthError('site.not-found', `there is no site ${key}`);
    const customerId = await lockCustomer(client, key);
    const meanwhile = await findLockedSite(client, key);
    return meanwhile
      ? deploy(client, meanwhile, wish, by)
      : make(client, { key, customerId, slug: wish.makeAs }, wish, by);
  });
}

async function deploy(client: PoolClient, site: LockedSite, wish: DeployWish, by: Requester): Promise<Requested> {
  mustStay(site);
  const { image, port, profile } = wish;
  const licenseKeyEnc = licenseOf(wish, site.license_key_enc);
  if (port) await wishPort(client, site, port);
  await client.query(
    `update releases set outcome = 'superseded', finished_at = now() where site_id = $1 and outcome = 'pending'
      and exists (select from releases r where r.site_id = $1 and r.outcome = 'running')`,
    [site.id],
  );
  const number = site.release + 1;
  await addRelease(client, site.id, { number, image, licenseKeyEnc, profile });
  await client.query(
    `update sites set wants_container = true, release = $2, image = $3, license_key_enc = $4, generation = generation + 1 where id = $1`,
    [site.id, number, image, licenseKeyEnc],
  );
  if (!site.wants_container) await reopenConditions(client, site.id, aspectsOf('container'), by);
  return writeChange(client, site, by, {
    kind: 'deploy',
    number,
    event: { type: 'deploy.requested', message: `release ${number}: ${image}` },
    wakes: [
      'container',
      ...(port ? (['placement'] as const) : []),
      ...(site.wants_container ? [] : (['reachable'] as const)),
    ],
  });
}

async function make(
  client: PoolClient,
  { key, customerId, slug }: { key: string; customerId: string; slug: string },
  wish: DeployWish,
  by: Requester,
): Promise<Requested> {
  const container = { image: wish.image, licenseKeyEnc: licenseOf(wish, null), profile: wish.profile };
  const site = await makeSite(client, customerId, { key, slug, port: wish.port ?? null, part: { container } }, by);
  return writeChange(client, site, by, {
    kind: 'deploy',
    number: 1,
    event: { type: 'deploy.requested', message: `release 1: ${wish.image}, on a site of a container alone` },
    wakes: siteAspects,
  });
}

function licenseOf({ licenseKeyEnc }: DeployWish, known: string | null): string {
  const license = licenseKeyEnc ?? known;
  if (license !== null) return license;
  throw new BerthError('license.required', "a site's first container takes a licence key", {
    fields: [{ pointer: '#/licenseKey', detail: 'is required for a first container' }],
  });
}
