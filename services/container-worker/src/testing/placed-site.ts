import { randomUUID } from 'node:crypto';
import { newSlug, systemChance } from '@berth/shared/runtime/chance';
import { type NewOrder, takeOrder } from '@berth/shared/store/intake';
import type { Requester } from '@berth/shared/store/locked-site';
import { type Placed, placeSite } from '@berth/shared/store/place-sites';
import { expect, vi } from 'vitest';
import type { SiteHost } from './container-host.ts';

/** The licence key of every site of the tests: whatever Berth says must not contain it. */
export const licenceKey = 'LICENCE-4711-geheim';

/** How the condition `container` of a site stands. */
export interface ContainerCondition {
  status: string;
  reason: string;
  message: string;
  tries: number;
  /** until the next look, in ms; null when it waits to be woken */
  dueInMs: number | null;
  gone: boolean;
}

/** A site that was ordered and placed on the host, and whose container comes next. */
export interface PlacedSite {
  key: string;
  siteId: string;
  placementId: string;
  conditionId: string;
  domain: string;
  /** of the container and the network */
  name: string;
  /** who asks for changes of it */
  by(): Requester;
}

let ordered = 0;

/** Orders a site and places it on the host; its zone counts as active. */
export async function orderSite(host: SiteHost, options: Partial<NewOrder> = {}): Promise<PlacedSite> {
  const { db, vault } = host;
  ordered += 1;
  const key = `c${ordered}`;
  const domain = `${key}.example.org`;
  const apiKeyId = await makeApiKey(host, randomUUID());
  const taken = await takeOrder(db, {
    apiKeyId,
    idempotencyKey: randomUUID(),
    fingerprint: 'f',
    orderId: randomUUID(),
    customer: { externalId: key, name: 'Max Mustermann', email: 'max@example.org' },
    domain,
    domainUnicode: domain,
    image: 'berth-demo/site:1',
    licenseKeyEnc: vault.encrypt(licenceKey),
    envEnc: null,
    environment: 'production',
    memoryBytes: 512 * 1024 ** 2,
    cpus: 0.5,
    healthPath: '/health',
    profile: 'strict',
    wishedPort: null,
    existingZone: false,
    slug: newSlug(systemChance),
    operationId: randomUUID(),
    causeId: 'cause-1',
    ...options,
  });
  if (taken.kind !== 'accepted') throw new Error(`the order was not accepted: ${taken.kind}`);
  const [site] = await rows<{ id: string }>(host, 'select id from sites where key = $1 and gone_at is null', [key]);
  const siteId = site?.id ?? '';
  const { placementId } = await place(host, siteId);
  await db.pool.query(
    `update site_conditions set reached_at = now(), status = 'true', due_at = null where site_id = $1 and aspect in ('zone', 'placement')`,
    [siteId],
  );
  const [condition] = await rows<{ id: string }>(
    host,
    `select id from site_conditions where placement_id = $1 and aspect = 'container'`,
    [placementId],
  );
  const conditionId = condition?.id ?? '';
  // As the look left it that found its placement missing.
  await db.pool.query(`update site_conditions set status = 'false', reason = 'Waiting' where id = $1`, [conditionId]);
  const by = () => ({ apiKeyId, causeId: 'cause-2', operationId: randomUUID() });
  return { key, siteId, placementId, conditionId, domain, name: `customer-${key}`, by };
}

async function place(host: SiteHost, siteId: string): Promise<Placed> {
  const placing = await placeSite(host.db, siteId);
  if (placing.kind !== 'placed') throw new Error(`the site was not placed: ${placing.kind}`);
  return placing.placement;
}

async function makeApiKey(host: SiteHost, hash: string): Promise<string> {
  const insert = `insert into api_keys (name, hash, prefix) values ('orders', $1, 'brk') returning id`;
  return (await rows<{ id: string }>(host, insert, [hash]))[0]?.id ?? '';
}

/** The rows of a statement. */
export async function rows<Row extends object>(host: SiteHost, text: string, values: unknown[]): Promise<Row[]> {
  return (await host.db.pool.query<Row>(text, values)).rows;
}

/** Port and slot that a site has now. */
export async function numbersOf(host: SiteHost, site: PlacedSite): Promise<{ port: number; slot: number }> {
  const found = await rows<{ port: number; slot: number }>(host, 'select port, slot from placements where id = $1', [
    site.placementId,
  ]);
  return found[0] ?? { port: 0, slot: 0 };
}

/** The condition as the loop wrote it down. */
export async function conditionOf(host: SiteHost, site: PlacedSite): Promise<ContainerCondition> {
  const [row] = await rows<ContainerCondition>(
    host,
    `select status, reason, message, tries, gone_at is not null as gone,
      extract(epoch from due_at - observed_at)::float8 * 1000 as "dueInMs" from site_conditions where id = $1`,
    [site.conditionId],
  );
  if (!row) throw new Error('the condition is missing');
  return row;
}

/** Makes the condition due, whatever it waits for, and lets the worker look at it once. */
export async function look(host: SiteHost, site: PlacedSite): Promise<ContainerCondition> {
  await host.db.pool.query('update site_conditions set due_at = now() where id = $1', [site.conditionId]);
  await host.loop.run(site.conditionId).catch(() => undefined);
  return conditionOf(host, site);
}

/** Looks again and again until the condition says `reason`. */
export async function lookUntil(host: SiteHost, site: PlacedSite, reason: string): Promise<ContainerCondition> {
  return vi.waitFor(
    async () => {
      const seen = await look(host, site);
      expect(seen.reason, seen.message).toBe(reason);
      return seen;
    },
    { timeout: 60_000, interval: 5 },
  );
}

/** Everything that a release of the site has been given to start is over: its time is shifted into the past. */
export async function passStartTime(host: SiteHost, site: PlacedSite): Promise<void> {
  await host.db.pool.query(`update releases set started_at = started_at - interval '1 hour' where site_id = $1`, [
    site.siteId,
  ]);
}

/** The connector is gone, which the container of a leaving site waits for. */
export async function closeConnector(host: SiteHost, site: PlacedSite): Promise<void> {
  await host.db.pool.query(
    `update site_conditions set gone_at = now() where placement_id = $1 and aspect = 'connector'`,
    [site.placementId],
  );
}

/** The site's releases in their order. */
export function releasesOf(host: SiteHost, site: PlacedSite) {
  return rows<{ number: number; outcome: string; reason: string | null }>(
    host,
    'select number, outcome, reason from releases where site_id = $1 order by number',
    [site.siteId],
  );
}

/** The types of the site's events, those of a kind only when one is given. */
export async function eventsOf(host: SiteHost, site: PlacedSite, type: string) {
  return rows<{ reason: string; message: string; data: Record<string, unknown> }>(
    host,
    'select reason, message, data from site_events where site_id = $1 and type = $2 order by seq',
    [site.siteId, type],
  );
}

/** The seed's rows of the site's containers, the oldest first. */
export function containerRowsOf(host: SiteHost, site: PlacedSite) {
  return rows<Record<string, unknown>>(
    host,
    'select * from customer_containers where site_id = $1 order by created_at, id',
    [site.siteId],
  );
}
