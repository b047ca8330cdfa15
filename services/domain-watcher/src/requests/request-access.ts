import type { LoggedRequest } from '@berth/shared/domain/requests';

/** Requests as Cloudflare gives them, with the visitor's whole address: never written down, and never logged. */
export type SampledRequest = Omit<LoggedRequest, 'network'> & { address: string };

/** What a query about several zones gave. */
export type RequestAnswer =
  | { kind: 'read'; requests: ReadonlyMap<string, SampledRequest[]> }
  /** at least one of the zones has a plan that doesn't give this */
  | { kind: 'not-given' }
  /** longer ago, or more at once, than the plan of one of the zones gives */
  | { kind: 'too-far' };

/** What the reading of requests needs of Cloudflare. */
export interface CloudflareRequests {
  /**
   * Requests of up to ten zones, by their id at Cloudflare, the oldest first.
   * @param of `from` and `to` in ISO 8601, `to` excluded; host names that are wanted; at most so many groups of a zone
   * @throws BerthError `cloudflare.rate-limited` when the quota of queries is used up
   */
  read(
    cfZoneIds: readonly string[],
    of: { from: string; to: string; hosts: readonly string[]; limit: number },
    signal: AbortSignal,
  ): Promise<RequestAnswer>;
}
