import type { ObservedZone, WatchedZone } from '@berth/shared/store/zones';

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
  hasRecords(cfZoneId: string, signal: AbortSignal): Promise<boolean>;
  listPending(page: number, signal: AbortSignal): Promise<ZonePage>;
}
