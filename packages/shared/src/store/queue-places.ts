import type { Database, Statement } from './database.ts';

/** Where a condition whose time has come stands among those that the same workers serve. */
export interface QueuePlace {
  aspect: string;
  /** null for what hangs on no host */
  host: string | null;
  name: string;
  ahead: number;
  waitedSeconds: number;
  /** a worker has taken it */
  isHeld: boolean;
  /** a worker has taken something of this queue, now */
  isServed: boolean;
}

const COUNTED_AT_MOST = 1000;

/** $1 site. The same order in which workers take them (`protocol-sql.ts`). */
const places: Statement = {
  name: 'queue-places-of-site',
  text: `select c.aspect, p.host_id as host, c.queue as name, coalesce(c.lease_until > now(), false) as "isHeld",
    (select count(*) from (select from site_conditions o where o.queue = c.queue and o.due_at < c.due_at limit ${COUNTED_AT_MOST}) before)::int as ahead,
    exists (select from site_conditions o where o.queue = c.queue and o.due_at <= now() and o.lease_until > now()) as "isServed",
    extract(epoch from now() - c.due_at)::float8 as "waitedSeconds"
  from site_conditions c left join placements p on p.id = c.placement_id
  where c.site_id = $1 and c.due_at <= now() and c.gone_at is null`,
};

/** The places of all conditions of a site whose time has come. */
export async function readQueuePlaces(db: Database, siteId: string): Promise<QueuePlace[]> {
  return db.run<QueuePlace & Record<string, unknown>>(places, [siteId]);
}
