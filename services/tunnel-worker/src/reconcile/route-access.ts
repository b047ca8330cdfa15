import type { FormerRecord } from '@berth/shared/store/routes';

/** A record as it stands in a zone. */
export interface ObservedRecord extends FormerRecord {
  id: string;
}

/** One transaction on a zone's records. */
export interface RecordChanges {
  deletes: string[];
  patches: { id: string; content: string; proxied: boolean }[];
  posts: FormerRecord[];
}

/** What the route's reconciler needs of Cloudflare. */
export interface Records {
  /** All records of a zone; undefined when the zone is gone. */
  list(cfZoneId: string, signal: AbortSignal): Promise<ObservedRecord[] | undefined>;
  /** All of the changes or none. @returns the records that were made or changed */
  change(cfZoneId: string, changes: RecordChanges, signal: AbortSignal): Promise<{ id: string; name: string }[]>;
}
