import type { TrafficGiven, TrafficHour } from '@berth/shared/domain/traffic';

/** What a query about several zones gave. */
export type TrafficAnswer =
  | { kind: 'read'; hours: ReadonlyMap<string, TrafficHour[]> }
  /** at least one of the zones has a plan that doesn't give this */
  | { kind: 'not-given' };

/** What the reading of traffic needs of Cloudflare. */
export interface CloudflareTraffic {
  /**
   * Hours of up to ten zones, by their id at Cloudflare; those in which nobody came are left out.
   * @param span ISO 8601, `to` excluded
   * @throws BerthError `cloudflare.rate-limited` when the quota of queries is used up
   */
  read(
    cfZoneIds: readonly string[],
    span: { from: string; to: string },
    given: Exclude<TrafficGiven, 'nothing'>,
    signal: AbortSignal,
  ): Promise<TrafficAnswer>;
}
