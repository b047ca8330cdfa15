import type { Database, Statement } from './database.ts';

/** Something that happened to a site. */
export interface ReadEvent {
  seq: number;
  type: string;
  aspect: string | null;
  status: string | null;
  reason: string | null;
  message: string;
  data: Record<string, unknown>;
  at: string;
}

const list: Statement = {
  name: 'read-events-list',
  text: `select seq::float8 as seq, type, aspect, status, reason, message, data,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
  from site_events where site_id = $1 and seq > $2 order by seq limit $3`,
};

/** A site's events after number `after`, in their order. */
export async function listEvents(db: Database, siteId: string, after: number, limit: number): Promise<ReadEvent[]> {
  return db.run<ReadEvent>(list, [siteId, after, limit]);
}
