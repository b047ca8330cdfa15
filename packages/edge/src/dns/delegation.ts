/** A DS record: the key that a zone is said to be signed by. */
export interface DsRecord {
  keyTag: number;
  algorithm: number;
  digestType: number;
}

/** What the name servers of a domain's parent say about it. */
export interface Delegation {
  /** the parent zone; '' for the root */
  parent: string;
  /** whether the parent knows the name at all */
  registered: boolean;
  /** in small letters, without the last dot, sorted; empty when nothing is delegated */
  nameServers: string[];
  /** null when nobody answered for it */
  ds: DsRecord[] | null;
  /** how long resolvers remember the DS records, in seconds */
  dsTtlSeconds: number;
}
