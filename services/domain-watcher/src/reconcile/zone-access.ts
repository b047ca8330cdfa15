import type { ObservedZone } from '@berth/shared/store/zones';

export interface ZonePage {
  zones: ObservedZone[];
  /** whether there may be more */
  full: boolean;
}

/** What the zone's reconciler and the sweep need of Cloudflare. */
export interface CloudflareZones {
  find(name: string, signal: AbortSignal): Promise<ObservedZone | undefined>;
  get(cfZoneId: string, signal: AbortSignal): Promise<ObservedZone | undefined>;
  /** @throws BerthError `zone.*` when Cloudflare says no for a reason that is known */
  create(name: string, signal: AbortSignal): Promise<ObservedZone>;
  remove(cfZoneId: string, signal: AbortSignal): Promise<void>;
  hasRecords(cfZoneId: string, signal: AbortSignal): Promise<boolean>;
  listPending(page: number, signal: AbortSignal): Promise<ZonePage>;
}
