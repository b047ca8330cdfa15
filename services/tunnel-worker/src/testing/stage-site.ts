import { randomBytes, randomUUID } from 'node:crypto';
import { queueOf } from '@berth/shared/domain/aspects';
import { newSlug, systemChance } from '@berth/shared/runtime/chance';
import { takeOrder } from '@berth/shared/store/intake';
import type { Requester } from '@berth/shared/store/locked-site';
import { requestDeletion } from '@berth/shared/store/request-changes';
import { bindZone } from '@berth/shared/store/zones';
import { freePort, isPortFree, testWorker } from '@berth/simulators/testing/free-port';
import { makeCloudflareTunnels } from '../adapters/cloudflare-tunnels.ts';
import type { Stage } from './stage.ts';

/** A site that was ordered, with an active zone. */
export interface StageSite {
  siteId: string;
  key: string;
  slug: string;
  domain: string;
  cfZoneId: string;
}

/** A site's place on a host. */
export interface StagePlacement {
  placementId: string;
  hostId: string;
  port: number;
  slot: number;
}

let made = 0;

/** Orders a site as the api does and gives it an active zone, which Cloudflare has as well. */
export async function orderSite(stage: Stage): Promise<StageSite> {
  made += 1;
  const slug = newSlug(systemChance);
  const domain = `mustermann-${made}.de`;
  await takeOrder(stage.db, {
    apiKeyId: stage.apiKeyId,
    idempotencyKey: randomUUID(),
    fingerprint: 'f',
    orderId: `order-${made}`,
    customer: { externalId: `customer_${made}`, name: 'Max Mustermann', email: 'max@example.org' },
    domain,
    domainUnicode: domain,
    image: 'berth-demo/site:1',
    licenseKeyEnc: stage.vault.encrypt('licence'),
    envEnc: null,
    environment: 'production',
    memoryBytes: 536_870_912,
    cpus: 0.5,
    healthPath: '/health',
    profile: 'strict',
    wishedPort: null,
    existingZone: false,
    slug,
    operationId: randomUUID(),
    causeId: 'test',
  });
  const { rows } = await stage.db.pool.query('select id, key from sites where slug = $1', [slug]);
  const { id: cfZoneId, nameServers } = await stage.simulator.control.addZone(domain, 'active');
  const zone = {
    cfZoneId,
    name: domain,
    status: 'active' as const,
    nameServers,
    originalNameServers: [],
    everActive: true,
    createdAt: new Date(),
  };
  await bindZone(stage.db, {
    siteId: rows[0].id,
    accountId: stage.simulator.accountId,
    zone,
    madeByUs: true,
  });
  return { siteId: rows[0].id, key: rows[0].key, slug, domain, cfZoneId };
}

/**
 * Puts a site on a host. Port and slot are ones that nothing on this machine uses, since other tests run beside this one.
 * @param port where the site's container answers; a free one when absent
 */
export async function placeOn(stage: Stage, site: StageSite, hostId: string, port?: number): Promise<StagePlacement> {
  const { placementId, ...numbers } = await takePlace(stage, site, hostId, port);
  for (const aspect of ['container', 'connector'] as const) {
    await stage.db.pool.query(
      'insert into site_conditions (site_id, placement_id, aspect, queue) values ($1, $2, $3, $4)',
      [site.siteId, placementId, aspect, queueOf(aspect, hostId)],
    );
  }
  return { placementId, hostId, ...numbers };
}

const TRIES = 100;

/** What is free on this machine may be another site's place that was not given back yet: then the next one is tried. */
async function takePlace(stage: Stage, site: StageSite, hostId: string, port: number | undefined) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [slot, chosen] = [await freeSlot(), port ?? (await freePort())];
    const { rows } = await stage.db.pool.query<{ id: string }>(
      'insert into placements (site_id, host_id, port, slot) values ($1, $2, $3, $4) on conflict do nothing returning id',
      [site.siteId, hostId, chosen, slot],
    );
    if (rows[0]) return { placementId: rows[0].id, port: chosen, slot };
  }
  throw new Error(`${hostId} has no place for ${site.key}${port === undefined ? '' : ` with port ${port}`}`);
}

/** Gives a site secrets and a tunnel at Cloudflare that carries them, as the tunnel's reconciler does. */
export async function giveTunnel(stage: Stage, site: StageSite): Promise<string> {
  const secret = randomBytes(32).toString('base64');
  const tunnelId = await createTunnel(stage, `customer-${site.key}`, secret);
  await stage.db.pool.query(
    'update sites set tunnel_id = $2, tunnel_secret_enc = $3, proof_secret_enc = $4 where id = $1',
    [site.siteId, tunnelId, stage.vault.encrypt(secret), stage.vault.encrypt('proof secret')],
  );
  return tunnelId;
}

/** The site's tunnel is deleted at Cloudflare by somebody, and the site has another one. @returns the new one's id */
export async function replaceTunnel(stage: Stage, site: StageSite): Promise<string> {
  const { rows } = await stage.db.pool.query('select tunnel_id from sites where id = $1', [site.siteId]);
  await deleteTunnel(stage, rows[0].tunnel_id);
  return giveTunnel(stage, site);
}

const DELETE_TRIES = 100;

/** Deletes a tunnel at Cloudflare, together with its connections; a connector that runs may be back before it is deleted. */
export async function deleteTunnel({ cloudflare, simulator }: Stage, tunnelId: string): Promise<void> {
  const tunnels = makeCloudflareTunnels(cloudflare);
  for (let tries = 0; tries < DELETE_TRIES; tries += 1) {
    await simulator.control.dropConnections(tunnelId);
    if (await tunnels.remove(tunnelId, new AbortController().signal)) return;
  }
  throw new Error(`tunnel ${tunnelId} always has connections`);
}

/** Makes a tunnel at Cloudflare, whoever's it is. */
export async function createTunnel(
  { cloudflare }: Pick<Stage, 'cloudflare'>,
  name: string,
  secret: string,
): Promise<string> {
  const tunnel = await cloudflare.call({ doing: 'creating', signal: new AbortController().signal }, (sdk, options) =>
    sdk.zeroTrust.tunnels.cloudflared.create(
      { account_id: cloudflare.accountId, name, tunnel_secret: secret, config_src: 'local' },
      options,
    ),
  );
  return tunnel.id ?? '';
}

/** Who asks for changes in tests. */
export function requester({ apiKeyId }: Pick<Stage, 'apiKeyId'>): Requester {
  return { apiKeyId, causeId: 'test', operationId: randomUUID() };
}

/** From now on the site is wanted gone. */
export async function wantGone(stage: Stage, site: StageSite): Promise<void> {
  await requestDeletion(stage.db, site.key, site.domain, requester(stage));
}

/** Above the slots that a demo would give out; each test file that runs at the same time has its own, and the one after each is nobody's. */
const FIRST_SLOT = 1200;
const SLOTS_EACH = 350;
const givenSlots = new Set<number>();

async function freeSlot(): Promise<number> {
  for (;;) {
    const slot = FIRST_SLOT + testWorker * SLOTS_EACH + 2 * Math.floor((Math.random() * SLOTS_EACH) / 2);
    if (givenSlots.has(slot)) continue;
    givenSlots.add(slot);
    if (await isPortFree(20_000 + 2 * slot)) return slot;
  }
}
