import { z } from 'zod';
import { healthOutcome } from './health.ts';
import { part, siteState } from './order.ts';

const time = z.iso.datetime();
const maybeTime = time.nullable();

/** How one aspect of a site stands. */
export const condition = z
  .object({
    aspect: z.string(),
    host: z.string().nullable(),
    status: z.enum(['true', 'false', 'unknown']),
    reason: z.string().meta({ description: 'a constant, such as NameserversNotChanged' }),
    message: z.string().meta({ description: 'a sentence to act on' }),
    observedGeneration: z.int(),
    tries: z.int(),
    since: time,
    observedAt: maybeTime,
    nextLookAt: maybeTime,
  })
  .meta({ id: 'Condition' });

export const siteSummary = z
  .object({
    key: z.string(),
    orderId: z.string().nullable().meta({ description: 'null for a site that an operator made' }),
    customer: z.string(),
    domain: z.string().nullable().meta({ description: 'null for a site of a container alone' }),
    parts: z.array(part),
    state: siteState,
    inMaintenance: z.boolean().meta({ description: 'a maintenance window of it, of its host or of all lasts' }),
    environment: z.string(),
    createdAt: time,
    liveAt: maybeTime,
  })
  .meta({ id: 'SiteSummary' });

export const placement = z
  .object({ host: z.string(), slot: z.int(), port: z.int(), wanted: z.string() })
  .meta({ id: 'Placement' });

export const container = z
  .object({
    id: z.string(),
    name: z.string(),
    image: z.string(),
    port: z.int(),
    memoryLimit: z.string().nullable(),
    cpuLimit: z.string().nullable(),
    status: z.string().nullable(),
    dockerStatus: z.string().meta({ description: 'as `docker ps` says it', example: 'Up 2 hours' }),
    startedAt: maybeTime,
    health: z.string().nullable(),
    lastHealthCheck: maybeTime,
  })
  .meta({ id: 'Container' });

export const release = z
  .object({
    number: z.int(),
    image: z.string(),
    profile: z.string(),
    digest: z.string().nullable(),
    outcome: z.string(),
    reason: z.string().nullable(),
    createdAt: time,
    finishedAt: maybeTime,
  })
  .meta({ id: 'Release' });

export const tunnelSummary = z
  .object({
    id: z.string(),
    name: z.string(),
    site: z.string(),
    domain: z.string(),
    port: z.int(),
    status: z.string().nullable(),
    updatedAt: maybeTime,
  })
  .meta({ id: 'Tunnel' });

export const tunnelDetail = tunnelSummary
  .extend({
    connections: z.array(
      z.object({
        connectorId: z.string(),
        colo: z.string(),
        openedAt: z.string(),
        version: z.string(),
      }),
    ),
    connectionsError: z.string().nullable(),
  })
  .meta({ id: 'TunnelWithConnections' });

export const siteDetail = siteSummary
  .extend({
    slug: z.string(),
    domainUnicode: z.string().nullable(),
    hostnames: z.array(z.string()),
    wanted: z.string(),
    generation: z.int(),
    url: z.string().nullable(),
    nameServers: z.array(z.string()),
    zoneActiveAt: maybeTime,
    goneAt: maybeTime,
    eventSeq: z.int().meta({ description: 'the number of its last event: who has read up to it has missed none' }),
    health: healthOutcome.nullable().meta({ description: 'as it was last seen; null before the first look' }),
    conditions: z.array(condition),
    placement: placement.nullable(),
    container: container.nullable(),
    tunnel: tunnelSummary.nullable(),
    release: release.nullable(),
  })
  .meta({ id: 'Site' });

export const siteEvent = z
  .object({
    seq: z.int(),
    type: z.string(),
    aspect: z.string().nullable(),
    status: z.string().nullable(),
    reason: z.string().nullable(),
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
    at: time,
  })
  .meta({ id: 'SiteEvent' });

/** An event of any site. */
export const fleetEvent = siteEvent
  .extend({
    id: z.string().meta({ description: 'its place among the events of all sites, for `cursor` and Last-Event-ID' }),
    site: z.string().meta({ description: "the site's key" }),
  })
  .meta({ id: 'FleetEvent' });

export const retryRequest = z.strictObject({}).meta({ id: 'RetryRequest' });

/** What lists of sites are narrowed down by. */
export const siteFilter = {
  q: z
    .string()
    .trim()
    .max(200)
    .optional()
    .meta({ description: 'each of its words is in the domain, key, customer (id, name, e-mail address) or order' }),
  state: siteState.optional(),
};

export type Condition = z.output<typeof condition>;
export type SiteSummary = z.output<typeof siteSummary>;
export type SiteDetail = z.output<typeof siteDetail>;
export type TunnelSummary = z.output<typeof tunnelSummary>;
export type TunnelDetail = z.output<typeof tunnelDetail>;
export type SiteEvent = z.output<typeof siteEvent>;
export type FleetEvent = z.output<typeof fleetEvent>;
