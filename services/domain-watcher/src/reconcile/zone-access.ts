import type { DomainRecord } from '@berth/shared/domain/domain-record';
import type { ObservedZone, WatchedZone } from '@berth/shared/store/zones';

/** Cloudflare gives no more at once. */
export const ZONES_PER_PAGE = 50;

export interface ZonePage {
  zones: ObservedZone[];
  /** whether there may be more */
  full: boolean;
}

/** What the zone's reconciler and the sweep need of Cloudflare. */
export interface CloudflareZones {
  find(name: string, signal: AbortSignal): Promise<ObservedZone | undefined>;
  /** @returns undefined once it is neither there by its id nor by its name: an id alone is also refused to a token that lost its rights */
  get(zone: WatchedZone, signal: AbortSignal): Promise<ObservedZone | undefined>;
  /** @throws BerthError `zone.*` when Cloudflare says no for a reason that is known; only `cloudflare.unavailable` may have made it */
  create(name: string, signal: AbortSignal): Promise<ObservedZone>;
  remove(cfZoneId: string, signal: AbortSignal): Promise<void>;
  /** Has Cloudflare look for the name servers of a pending zone soon. @throws BerthError `cloudflare.refused` also when it did a moment ago */
  askForActivation(cfZoneId: string, signal: AbortSignal): Promise<void>;
  /** Pages count from 1, in the order of names. */
  list(status: 'pending' | 'active', page: number, signal: AbortSignal): Promise<ZonePage>;
}

/** What the take-over of a zone needs of Cloudflare. Records are made past Cloudflare's proxy. */
export interface ZoneRecords {
  /** Begins to look at what the former name servers know; asking again does no harm. @throws BerthError `cloudflare.refused` */
  scan(cfZoneId: string, signal: AbortSignal): Promise<void>;
  /** What scans have found so far and nobody has accepted. */
  listFound(cfZoneId: string, signal: AbortSignal): Promise<DomainRecord[]>;
  /** Puts records that were found into the zone. @returns those that are there now @throws BerthError `cloudflare.refused` */
  accept(cfZoneId: string, records: readonly DomainRecord[], signal: AbortSignal): Promise<DomainRecord[]>;
  list(cfZoneId: string, signal: AbortSignal): Promise<DomainRecord[]>;
  /** Makes one that may be there already. @throws BerthError `cloudflare.refused` */
  create(cfZoneId: string, record: DomainRecord, signal: AbortSignal): Promise<void>;
}
